import { gunzipSync } from "node:zlib";
import { load } from "cheerio";
import type { Fetched, SafeFetch } from "../fetch/fetch.ts";

/** Sitemaps that one site may have, and addresses in all of them. */
const limits = { maps: 50, addresses: 50_000 };

/**
 * Addresses of a sitemap and of those it names. What cannot be read of it is left out: it is a help, not a promise.
 */
export async function readSitemaps(fetch: SafeFetch, first: readonly string[], signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  const maps = [...new Set(first)];
  for (let at = 0; at < maps.length && at < limits.maps && found.size < limits.addresses; at++) {
    const answer = await fetch.get(maps[at] as string, { signal, most: 20 * 1024 * 1024 }).catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    if (answer?.status !== 200) continue;
    const text = unpacked(answer);
    if (!text.includes("<")) {
      for (const line of text.split("\n")) if (URL.canParse(line.trim())) found.add(line.trim());
      continue;
    }
    const $ = load(text, { xml: true });
    for (const one of $("sitemap > loc").toArray()) maps.push($(one).text().trim());
    for (const one of $("url > loc").toArray()) found.add($(one).text().trim());
  }
  return [...found].filter((one) => URL.canParse(one)).slice(0, limits.addresses);
}

function unpacked({ body }: Fetched): string {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body.toString("utf8");
  try {
    return gunzipSync(body, { maxOutputLength: 50 * 1024 * 1024 }).toString("utf8");
  } catch {
    return "";
  }
}

/** Where a site keeps its text for models (llmstxt.org): beside the address, then at the root. */
export function llmsCandidates(address: string): { full: string[]; index: string[] } {
  const folder = new URL("./", address).href;
  const root = new URL("/", address).href;
  const at = (name: string) => [...new Set([new URL(name, folder).href, new URL(name, root).href])];
  return { full: at("llms-full.txt"), index: at("llms.txt") };
}

/** The links of an llms.txt. */
export function llmsLinks(text: string, address: string): string[] {
  const links = [...text.matchAll(/\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map(([, href = ""]) => href);
  return [...new Set(links.flatMap((href) => (URL.canParse(href, address) ? new URL(href, address).href : [])))];
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
