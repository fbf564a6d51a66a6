import type { Fetched } from "../fetch/fetch.ts";
import { listLimits } from "../read/addresses.ts";
import type { Reading } from "../runs/job.ts";

/** Sitemaps of one site that are read. */
const mostMaps = 50;

/**
 * Addresses of a sitemap and of those it names. What cannot be read of it is left out: it is a help, not a promise.
 */
export async function readSitemaps(
  { knowledge, tenant, signal }: Reading,
  first: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const maps = new Set(first);
  let read = 0;
  for (const map of maps) {
    if (++read > mostMaps || found.size >= listLimits.addresses) break;
    const answer = await knowledge.fetch.get(map, { signal, most: listLimits.bytes }).catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    if (answer?.status !== 200) continue;
    const given = { bytes: answer.body, media: "", name: map };
    const told = await knowledge.reader.addresses("sitemap", given, tenant.organisation).catch(() => undefined);
    for (const one of told?.maps ?? []) maps.add(one);
    for (const one of told?.addresses ?? []) if (found.size < listLimits.addresses) found.add(one);
  }
  return [...found];
}

/** Where a site keeps its text for models (llmstxt.org): beside the address, then at the root. */
export function llmsCandidates(address: string): { full: string[]; index: string[] } {
  const folder = new URL("./", address).href;
  const root = new URL("/", address).href;
  const at = (name: string) => [...new Set([new URL(name, folder).href, new URL(name, root).href])];
  return { full: at("llms-full.txt"), index: at("llms.txt") };
}

/** Whether it is the text it should be, and not the page that a site shows for everything it lacks. */
export function isLlmsText(answer: Fetched): boolean {
  if (answer.status !== 200 || answer.headers["content-type"]?.includes("html")) return false;
  return /^\s*(#|>|\[|-|\*|<doc|---)/.test(
    answer.body
      .subarray(0, 400)
      .toString("utf8")
      .replace(/^\ufeff/, ""),
  );
}
