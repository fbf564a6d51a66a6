import { basename } from "node:path";
import type { OfficialSource, Source } from "../../../components/catalogue/index.ts";
import type { Run } from "../run.ts";
import { Skipped } from "../skipped.ts";

/**
 * The source with a hash that whoever serves the file cannot change with it: the catalogue's own, or the document that
 * another host publishes for the same file. A document beside its file proves nothing, since who replaces the one
 * replaces the other; it stands in the catalogue for whoever upgrades an entry.
 *
 * @param all every source of the program on this platform
 * @throws Skipped where there is no such hash
 */
export function checked<S extends Source>(source: S, all: readonly Source[], run: Pick<Run, "settings">): S {
  if (source.kind !== "official" || !("document" in source.digest)) return source;
  const none = (why: string) =>
    new Skipped(
      `its hash is not in the catalogue, and ${why}; put the file into a folder and name it as artifacts.offline`,
    );
  if (run.settings.mirrors.official) throw none("a mirror that serves both the file and its hash proves nothing");
  const document = all.find((other) => other.kind === "official" && publishes(other, source)) as
    | OfficialSource
    | undefined;
  if (!document) throw none("no other host publishes one");
  return { ...source, digest: document.digest };
}

function publishes(other: OfficialSource, { url }: OfficialSource): boolean {
  return (
    "document" in other.digest &&
    basename(new URL(other.url).pathname) === basename(new URL(url).pathname) &&
    new URL(other.digest.document).host !== new URL(url).host
  );
}
