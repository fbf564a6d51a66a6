import type { SafeFetch } from "../fetch/fetch.ts";
import type { Reader } from "../read/reader.ts";
import { allowsPath, noRobots } from "../read/robots.ts";

/** What a site's robots.txt asks for (RFC 9309). */
export interface Robots {
  allows(url: string): boolean;
  /** Milliseconds between two requests. */
  delay: number;
  sitemaps: string[];
}

/** A site that asks for minutes would never be done. */
const longestDelay = 10_000;

/** No file: all is allowed. A server that fails: nothing is, until it answers. @throws FetchFailed; ApiError UNAVAILABLE */
export async function askRobots(
  fetch: SafeFetch,
  reader: Reader,
  organisation: string,
  start: string,
  signal: AbortSignal,
): Promise<Robots> {
  const { href: address, origin } = new URL("/robots.txt", start);
  const answer = await fetch.get(address, { signal, most: 512 * 1024, time: 15_000 });
  if (answer.status >= 500) return { allows: () => false, delay: 0, sitemaps: [] };
  const given = { bytes: answer.body, media: "", name: address };
  const { rules, delay, sitemaps } = answer.status < 300 ? await reader.robots(given, organisation) : noRobots;
  return {
    allows: (one) => {
      const url = new URL(one);
      return url.origin !== origin || allowsPath(rules, url.pathname + url.search);
    },
    delay: Math.min(longestDelay, delay * 1000),
    sitemaps: sitemaps.flatMap((one) => (URL.canParse(one, address) ? [new URL(one, address).href] : [])),
  };
}
