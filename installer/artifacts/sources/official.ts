import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { OfficialSource } from "../../../components/catalogue/index.ts";
import { type Sum, sumOf } from "../layout.ts";
import { findOffline } from "../offline.ts";
import type { Run } from "../run.ts";
import { Skipped } from "../skipped.ts";

/** The address, on the mirror if there is one: the mirror's base, then host and path of the original. */
export function officialUrl(url: string, mirror: string | undefined): string {
  return mirror ? `${mirror.replace(/\/+$/, "")}/${url.replace(/^https:\/\//, "")}` : url;
}

/** The hash in the catalogue, or the one in a document that the project publishes (from the offline folder if it is there). */
export async function officialSum(
  source: OfficialSource,
  run: Run,
  signal: AbortSignal,
  network: boolean,
): Promise<Sum | undefined> {
  if (!("document" in source.digest)) return sumOf(source.digest);
  const { document, algorithm } = source.digest;
  const offline = await findOffline(run, basename(new URL(document).pathname));
  if (!offline && !network) return undefined;
  const text = offline
    ? await readFile(offline, "utf8")
    : await run.web
        .get(officialUrl(document, run.settings.mirrors.official), { signal })
        .then((answer) => answer.body.text());
  const hex = sumIn(text, basename(new URL(source.url).pathname), algorithm === "sha256" ? 64 : 128);
  if (!hex) throw new Skipped(`${document} has no ${algorithm} of ${basename(source.url)}`);
  return { algorithm, hex };
}

/** `<hash>  <file>` lines as sha256sum writes them, or a document that is only the hash. */
export function sumIn(text: string, file: string, digits: number): string | undefined {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  for (const line of lines) {
    const [hash, name] = line.split(/\s+\*?/);
    if (name === file || name === `./${file}` || (name === undefined && lines.length === 1)) {
      if (hash && new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hash)) return hash.toLowerCase();
    }
  }
  return undefined;
}
