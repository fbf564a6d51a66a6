import robotsParser from "robots-parser";
import type { SafeFetch } from "../fetch/fetch.ts";

/** What a site's robots.txt asks for (RFC 9309). */
export interface Robots {
  allows(url: string): boolean;
  /** Milliseconds between two requests. */
  delay: number;
  sitemaps: string[];
}

export const robotsName = "DevFlow-Knowledge";
/** A site that asks for minutes would never be done. */
const longestDelay = 10_000;

/** No file: all is allowed. A server that fails: nothing is, until it answers. */
export async function readRobots(fetch: SafeFetch, origin: string, signal: AbortSignal): Promise<Robots> {
  const address = new URL("/robots.txt", origin).href;
  const answer = await fetch.get(address, { signal, most: 512 * 1024, time: 15_000 }).catch((error: Error) => error);
  if (signal.aborted) throw signal.reason;
  if (answer instanceof Error) throw answer;
  if (answer.status >= 500) return { allows: () => false, delay: 0, sitemaps: [] };
  const parse = robotsParser as unknown as (url: string, text: string) => ReturnType<typeof robotsParser.default>;
  const rules = parse(address, answer.status < 300 ? answer.body.toString("utf8") : "");
  return {
    allows: (url) => rules.isAllowed(url, robotsName) ?? true,
    delay: Math.min(longestDelay, (rules.getCrawlDelay(robotsName) ?? 0) * 1000),
    sitemaps: rules.getSitemaps(),
  };
}
