import { stat } from "node:fs/promises";
import { matchesGlob, posix } from "node:path";
import type { Unpack } from "../../components/catalogue/index.ts";
import type { Reporting } from "../../components/provider/host.ts";
import { entriesOf } from "./archive.ts";
import { isInside, openDraft } from "./draft.ts";
import { meter } from "./progress.ts";
import { Skipped } from "./skipped.ts";

/**
 * Unpacks an archive into the fresh folder `folder` by the rules of the catalogue. `name` is what the file was called
 * at its source.
 * @throws Skipped for an archive that is damaged, reaches outside its folder, or has none of the wanted entries.
 */
export async function unpack(
  archive: string,
  name: string,
  rules: Unpack,
  folder: string,
  reporting: Reporting,
): Promise<void> {
  const progress = meter(reporting, "unpacking", { total: (await stat(archive)).size });
  const draft = openDraft(folder);
  let placed = 0;
  await entriesOf(archive, rules.format, name, async (entry) => {
    reporting.signal.throwIfAborted();
    progress.add(entry.packed, entry.path);
    if (!isInside(entry.path)) throw new Skipped(`${name} holds a path that leaves its folder: ${entry.path}`);
    const to = place(entry.path, rules);
    if (to === undefined) return;
    if (entry.link === undefined) await draft.file(to, await entry.open());
    else draft.link(to, entry.link);
    placed++;
  });
  if (placed === 0) throw new Skipped(`${name} holds nothing of what the catalogue names`);
  for (const [link, target] of Object.entries(rules.links ?? {})) draft.alias(link, target);
  progress.end();
}

/** Where an entry goes, or undefined when no rule wants it. */
export function place(path: string, rules: Unpack): string | undefined {
  for (const { from, to, except } of rules.take) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    const below = path.slice(from.length + 1);
    if (except?.some((glob) => matchesGlob(below, glob))) return undefined;
    return posix.join(to, below);
  }
  return undefined;
}
