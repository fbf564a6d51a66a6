import { isIP } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { Agent, type Dispatcher, request } from "undici";
import { type Allowed, ApiError, allowed, guardedLookup } from "../../kit/index.ts";

export interface Fetched {
  /** Where it was in the end. */
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export interface FetchOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Bytes of the body once it is unpacked. @default 8 MiB */
  most?: number;
  /** Milliseconds for all of it. @default what the whole was opened with */
  time?: number;
  /** Says whether a redirect may be followed. @default every one */
  follow?(url: URL): boolean;
}

/** Gets what strangers' addresses name, without letting them reach into the platform's own network. */
export interface SafeFetch {
  /** @throws FetchFailed with the reason, in words for whoever named the address */
  get(url: string, options?: FetchOptions): Promise<Fetched>;
  close(): Promise<void>;
}

/** The address is at fault, or the server behind it; `again` says whether a later attempt may succeed. */
export class FetchFailed extends Error {
  readonly again: boolean;

  constructor(message: string, { again = false, cause }: { again?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = "FetchFailed";
    this.again = again;
  }
}

const redirects = 5;
const agentName = "DevFlow-Knowledge/1.0 (+https://devflow.dev/docs/knowledge)";

/**
 * The name is resolved once, every address it has is checked, and the connection goes to the very one that was: a name
 * cannot be harmless when it is checked and something else when it is connected to. Each redirect is checked anew.
 */
export function safeFetch({ allow = [] as readonly string[], time = 30_000 } = {}): SafeFetch {
  const rules = allowed(allow);
  const agents = new Map<number, Agent>();
  return {
    async get(address, options = {}) {
      let url = new URL(address);
      const deadline = AbortSignal.timeout(options.time ?? time);
      const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
      for (let hop = 0; ; hop++) {
        demand(url, rules);
        const answer = await ask(agentOf(url), url, { ...options, signal }, deadline);
        const location = answer.headers.location;
        if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
        if (hop === redirects) throw new FetchFailed(`${address} redirects more than ${redirects} times.`);
        if (!URL.canParse(location, url)) throw new FetchFailed(`${url.href} redirects to no address.`);
        url = new URL(location, url);
        url.hash = "";
        if (options.follow && !options.follow(url))
          throw new FetchFailed(`It redirects to ${url.href}, which is not to be read.`);
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };

  /** One for each port: the look-up of a name is not told the port it is for. */
  function agentOf(url: URL): Agent {
    const port = portOf(url);
    const known = agents.get(port);
    if (known) return known;
    const agent = new Agent({
      connect: {
        lookup: guardedLookup((host, address) => rules.connect(host, port, address), forbidden),
        timeout: 10_000,
      },
      headersTimeout: 20_000,
      bodyTimeout: 15_000,
      maxHeaderSize: 32 * 1024,
      connections: 8,
      keepAliveTimeout: 5000,
    });
    agents.set(port, agent);
    return agent;
  }
}

/** An address written as numbers is not looked up, so it is checked here. */
function demand(url: URL, rules: Allowed): void {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new FetchFailed(`${url.href} is no web address.`);
  if (url.username || url.password) throw new FetchFailed("An address with a password in it is not read.");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !rules.connect(host, portOf(url), host)) throw forbidden(url.hostname);
}

async function ask(
  agent: Agent,
  url: URL,
  options: FetchOptions & { signal: AbortSignal },
  deadline: AbortSignal,
): Promise<Fetched> {
  const most = options.most ?? 8 * 1024 * 1024;
  try {
    const answer = await request(url, {
      dispatcher: agent,
      signal: options.signal,
      headers: { "user-agent": agentName, "accept-encoding": "gzip, br, deflate", ...options.headers },
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, String([value].flat()[0] ?? "")]),
    );
    if (Number(headers["content-length"] ?? 0) > most) {
      answer.body.destroy();
      throw tooLarge(url, most);
    }
    return {
      url: url.href,
      status: answer.statusCode,
      headers,
      body: await collect(answer, headers["content-encoding"], most, url),
    };
  } catch (error) {
    if (error instanceof FetchFailed) throw error;
    const { cause, code, message } = error as Error & { code?: string };
    if (cause instanceof FetchFailed) throw cause;
    if (options.signal.aborted && !deadline.aborted) throw error;
    if (code === "ENOTFOUND") throw new FetchFailed(`There is no host ${url.hostname}.`, { cause: error });
    const slow = deadline.aborted || /TIMEOUT/.test(code ?? "");
    throw new FetchFailed(slow ? `${url.host} took too long to answer.` : `${url.host} cannot be read: ${message}`, {
      again: true,
      cause: error,
    });
  }
}

/** The body, unpacked, as far as it may be long: a small packed one may unpack to any length. */
async function collect(
  { body }: Dispatcher.ResponseData,
  encoding: string | undefined,
  most: number,
  url: URL,
): Promise<Buffer> {
  const unpack = { gzip: createGunzip, "x-gzip": createGunzip, br: createBrotliDecompress, deflate: createInflate }[
    encoding ?? ""
  ];
  const unpacked = unpack ? body.pipe(unpack()) : body;
  body.once("error", (error) => unpacked.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of unpacked) {
      length += (part as Buffer).length;
      if (length > most) throw tooLarge(url, most);
      parts.push(part as Buffer);
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(parts);
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

function tooLarge(url: URL, most: number): FetchFailed {
  return new FetchFailed(`${url.href} is larger than ${Math.round(most / 1024 / 1024)} MiB.`);
}

function forbidden(host: string): FetchFailed {
  return new FetchFailed(
    `${host} is an address of a private network, which is not read. Whoever runs the platform can allow it by knowledge.allow in devflow.yaml.`,
  );
}

/** For an address that somebody typed. @throws ApiError INVALID */
export function webAddress(text: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new ApiError("INVALID", `${text} is no web address.`, {
      hint: "It should look like https://example.com/docs/",
    });
  }
  if (url.username || url.password) throw new ApiError("INVALID", "The address must carry no password.");
  url.hash = "";
  return url;
}
