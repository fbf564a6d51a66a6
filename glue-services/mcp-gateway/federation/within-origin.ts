import { fetch, type RequestInit, type Response } from "undici";

/** Redirects of one request that are followed. */
const most = 3;

/**
 * Asks a server, and goes where it sends as long as that is the same origin: the headers were given for it, and may be
 * secrets that its neighbour must not see. Only the statuses that keep the method are followed with a body.
 *
 * @throws Error that names the other place
 */
export async function fetchWithin(url: string | URL, init: RequestInit): Promise<Response> {
  let at = new URL(url);
  for (let hop = 0; hop <= most; hop++) {
    const answer = await fetch(at, { ...init, redirect: "manual" });
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || location === null) return answer;
    await answer.body?.cancel();
    const next = URL.parse(location, at);
    if (!next || next.origin !== at.origin) {
      throw new Error(
        `it sends to ${next?.origin ?? "an address that is none"}: give its address there, if it is to be trusted`,
      );
    }
    const keepsMethod = answer.status === 307 || answer.status === 308 || (init.method ?? "GET") === "GET";
    if (!keepsMethod) throw new Error(`it answers ${answer.status} and sends to ${next.href}: give that address`);
    at = next;
  }
  throw new Error(`it sends on more than ${most} times`);
}
