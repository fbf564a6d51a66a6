import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { trustSystemAuthorities } from "./authorities.ts";
import type { Patience } from "./settings.ts";
import { Skipped } from "./skipped.ts";

/**
 * HTTP for one run: honours HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS, follows redirects
 * but not from HTTPS to plain HTTP, never hangs, and does not ask a host again that could not be reached.
 */
export interface Web {
  /** @throws Skipped when there is no answer or a status that is not 2xx. */
  get(url: string, options: GetOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface GetOptions {
  signal: AbortSignal;
  headers?: Record<string, string>;
  method?: "GET" | "HEAD";
}

export interface Answer {
  /** Address after redirects, without credentials. */
  url: string;
  status: number;
  header(name: string): string | undefined;
  body: Readable & { text(): Promise<string>; dump(): Promise<void> };
}

const redirects = new Set([301, 302, 303, 307, 308]);

export function createWeb(patience: Patience): Web {
  let client: ReturnType<typeof openClient> | undefined;
  /** Host to why it is not asked again. */
  const down = new Map<string, string>();
  const proven = new Set<string>();

  async function ask(url: URL, options: GetOptions): Promise<Dispatcher.ResponseData> {
    if (url.protocol === "https:") trustSystemAuthorities();
    const reason = down.get(url.host);
    if (reason) throw new Skipped(`${url.host} is not asked again in this run: ${reason}`);
    const wait = proven.has(url.host) ? patience.stall : patience.answer;
    const deadline = AbortSignal.timeout(wait);
    const linked = new AbortController();
    const giveUp = () => linked.abort(options.signal.aborted ? options.signal.reason : deadline.reason);
    options.signal.addEventListener("abort", giveUp);
    deadline.addEventListener("abort", giveUp);
    if (options.signal.aborted) giveUp();
    const { username, password } = url;
    const authorization = username
      ? `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`
      : undefined;
    try {
      client ??= openClient(patience);
      const { request, agent } = await client;
      const answer = await request(bare(url), {
        dispatcher: agent,
        method: options.method ?? "GET",
        headers: {
          "user-agent": "devflow",
          "accept-encoding": "identity",
          ...(authorization && { authorization }),
          ...options.headers,
        },
        signal: linked.signal,
      });
      proven.add(url.host);
      // The caller's signal still ends the body; the deadline was for the answer only.
      answer.body.once("close", () => options.signal.removeEventListener("abort", giveUp));
      return answer;
    } catch (cause) {
      options.signal.removeEventListener("abort", giveUp);
      options.signal.throwIfAborted();
      const why = deadline.aborted ? `no answer within ${wait / 1000} s` : explain(cause);
      // A host that has answered before has a passing trouble; one that never did is left alone for this run.
      if (!proven.has(url.host)) down.set(url.host, why);
      throw new Skipped(`${url.host} cannot be reached: ${why}`, { temporary: proven.has(url.host), cause });
    } finally {
      deadline.removeEventListener("abort", giveUp);
    }
  }

  return {
    async get(address, options) {
      let url = parseUrl(address);
      for (let hops = 0; hops < 6; hops++) {
        const answer = await ask(url, options);
        const location = header(answer, "location");
        if (redirects.has(answer.statusCode) && location) {
          await answer.body.dump();
          url = redirected(url, location);
          continue;
        }
        if (answer.statusCode < 200 || answer.statusCode > 299) {
          await answer.body.dump();
          throw new Refused(url.host, answer.statusCode);
        }
        return { url: bare(url), status: answer.statusCode, header: (name) => header(answer, name), body: answer.body };
      }
      throw new Skipped(`${url.host} redirects without end`);
    },
    close: async () => (await client)?.agent.destroy(),
  };
}

/** Made with the first request: where everything is in the cache, none is made, and the library takes long to load. */
async function openClient({ answer: timeout, stall }: Patience) {
  const { EnvHttpProxyAgent, request } = await import("undici");
  const agent = new EnvHttpProxyAgent({
    connect: { timeout },
    proxyTls: { timeout },
    requestTls: { timeout },
    headersTimeout: stall,
    bodyTimeout: stall,
  });
  return { request, agent };
}

/** A host that answered with a status that is not 2xx. */
export class Refused extends Skipped {
  readonly status: number;
  constructor(host: string, status: number) {
    super(`${host} answered ${status}${meaning[status] ? ` (${meaning[status]})` : ""}`, {
      temporary: status >= 500 || status === 429 || status === 408,
    });
    this.status = status;
  }
}

const meaning: Record<number, string> = {
  401: "it wants a password",
  403: "forbidden",
  404: "it does not have it",
  429: "too many requests",
  503: "unavailable",
};

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Where a redirect leads.
 * @throws Skipped when it leaves HTTPS: on the way to plain HTTP anyone can put another file in the place of the asked one
 */
export function redirected(from: URL, location: string): URL {
  const to = new URL(location, bare(from));
  if (from.protocol === "https:" && to.protocol !== "https:") {
    throw new Skipped(`${from.host} redirects from HTTPS to ${to.protocol}//${to.host}`);
  }
  return to;
}

function parseUrl(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new Skipped("its address is not a valid URL", { cause });
  }
}

/** The address without user and password, fit for messages and for undici, which refuses them. */
export function bare(url: URL | string): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

/** The innermost reason of a network error, in words. */
export function explain(error: unknown): string {
  let inner = error as { code?: string; message?: string; cause?: unknown; errors?: unknown[] };
  while (inner.errors?.[0] || inner.cause instanceof Error) inner = (inner.errors?.[0] ?? inner.cause) as typeof inner;
  const words: Record<string, string> = {
    ENOTFOUND: "its name is unknown to DNS",
    EAI_AGAIN: "DNS does not answer",
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset",
    UND_ERR_SOCKET: "connection closed",
    UND_ERR_CONNECT_TIMEOUT: "no connection in time",
    UND_ERR_BODY_TIMEOUT: "the transfer stalled",
    UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  };
  return words[inner.code ?? ""] ?? inner.message ?? String(error);
}
