import {
  Client,
  type PriorDiscovery,
  ProtocolError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import type { Caller } from "../access/caller.ts";
import { childTransport } from "../children/transport.ts";
import type { Gateway } from "../gateway.ts";
import { resolveAll, resolveText } from "../given.ts";
import { type McpServer, noPrograms } from "../servers.ts";
import { noticesOf } from "./notices.ts";
import { mendedAnswer } from "./nulls.ts";
import { type Call, type Params, type Result, SessionGone, Unreachable } from "./source.ts";
import { fetchWithin } from "./within-origin.ts";

/** A connection to a server, of one caller. */
export interface Upstream {
  client: Client;
  server: McpServer;
  /** Requests under way, the latest at the end: what a server asks meanwhile is asked of the latest. */
  calls: Call[];
  /** Somebody has it for a request, which may not have been sent yet. */
  leased: boolean;
  /** Set when the connection ended by itself. */
  gone: boolean;
  request(method: string, params: Params, call: Call): Promise<Result>;
  /** Has the server say when its lists change, and exactly these of its resources. @throws as it answers, or Unreachable */
  follow(uris: readonly string[]): Promise<void>;
  /** @throws Error when it answers no more */
  check(): Promise<void>;
  /** Called when something went wrong on the way, after which it may answer no more. */
  onDoubt: (() => void) | undefined;
  /** Resolves when it is gone, or was closed. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds a server may take to answer; progress begins it anew. */
const timeout = 120_000;
const connectWithin = 20_000;
const checkWithin = 10_000;

/** How each version of a server wants to be spoken to by clients of an era, found out once. */
const eras = new Map<string, PriorDiscovery>();

/**
 * Connects to a server for a caller, in the protocol that the caller itself speaks if the server knows it: what the two
 * eras do not have in common, such as questions in the middle of a call, then passes as it is.
 *
 * @param hear is told what the server says of itself: that its tools changed, that a resource did
 * @throws Unreachable, ApiError when a secret cannot be read
 */
export async function connect(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  era: Era,
  hear: (method: string, params: Params) => void,
): Promise<Upstream> {
  const key = `${era} ${server.id} ${server.version}`;
  const known = eras.get(key);
  const both: (PriorDiscovery | undefined)[] = [undefined, { kind: "legacy" }];
  const attempts = known ? [known] : era === "modern" ? both : both.reverse();
  let last: unknown;
  for (const prior of attempts) {
    const { transport, lastWords } = await transportTo(gateway, caller, server);
    const upstream = wrap(server, transport, hear);
    try {
      await upstream.client.connect(transport, { timeout: connectWithin, ...(prior && { prior }) });
      const discover = upstream.client.getProtocolEra() === "modern" ? upstream.client.getDiscoverResult() : undefined;
      if (eras.size > 5000) eras.clear();
      eras.set(key, discover ? { kind: "modern", discover } : { kind: "legacy" });
      return upstream;
    } catch (error) {
      last = new Unreachable(`${server.name} cannot be reached: ${lastWords() || (error as Error).message}`, {
        cause: error,
      });
      await upstream.close();
      // It may speak another way by now.
      eras.delete(key);
    }
  }
  throw last;
}

type Era = "legacy" | "modern";

/** Which protocol a server is known to speak with clients of an era. */
export function knownEra(server: McpServer, clients: Era): Era | undefined {
  return eras.get(`${clients} ${server.id} ${server.version}`)?.kind;
}

/** The same, found out by one connection where it is not known yet; undefined while the server is away. */
export async function eraOf(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  clients: Era,
): Promise<Era | undefined> {
  const known = knownEra(server, clients);
  if (known) return known;
  try {
    const upstream = await connect(gateway, caller, server, clients, () => {});
    await upstream.close();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
  }
  return knownEra(server, clients);
}

async function transportTo(
  { agents, readSecret, programs, folder, hidden }: Gateway,
  caller: Caller,
  server: McpServer,
): Promise<{ transport: Transport; lastWords(): string }> {
  if (server.transport === "stdio") {
    // One that was added where it was allowed, or before it no longer was.
    if (!programs) throw new Unreachable(noPrograms);
    const environment = await resolveAll(readSecret, caller, server, server.environment);
    const command = await Promise.all(server.command.map((one) => resolveText(readSecret, caller, server, one)));
    const transport = childTransport({ command, environment, folder, hidden });
    return { transport, lastWords: transport.lastWords };
  }
  const headers = await resolveAll(readSecret, caller, server, server.headers);
  const dispatcher = agents.of(server);
  const options = {
    requestInit: { headers },
    fetch: (async (url: string, init: object) =>
      mendedAnswer((await fetchWithin(url, { ...init, dispatcher })) as never)) as unknown as typeof globalThis.fetch,
  };
  const url = new URL(await resolveText(readSecret, caller, server, server.url));
  const transport =
    server.transport === "sse" ? new SSEClientTransport(url, options) : new StreamableHTTPClientTransport(url, options);
  return { transport, lastWords: () => "" };
}

function wrap(server: McpServer, transport: Transport, hear: (method: string, params: Params) => void): Upstream {
  const client = new Client(
    { name: "devflow-mcp-gateway", version: "1.0.0" },
    {
      capabilities: { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } },
      versionNegotiation: { mode: "auto", probe: { timeoutMs: 5000 } },
      // Rounds with a person are between the client and the server; the gateway passes them on.
      inputRequired: { autoFulfill: false },
    },
  );
  const ended = Promise.withResolvers<void>();
  const end = () => {
    upstream.gone = true;
    ended.resolve();
  };
  const notices = noticesOf(client, () => upstream.onDoubt?.());
  const upstream: Upstream = {
    ...{ client, server, calls: [], leased: false, gone: false, ended: ended.promise, onDoubt: undefined },
    async request(method, params, call) {
      upstream.calls.push(call);
      try {
        return await reached(
          client.request({ method, params } as never, {
            signal: call.signal,
            timeout,
            resetTimeoutOnProgress: true,
            allowInputRequired: true,
            onprogress: (progress) => call.tell("notifications/progress", progress as Params),
          }),
        );
      } finally {
        upstream.calls.splice(upstream.calls.indexOf(call), 1);
      }
    },
    follow: (uris) => reached(notices.follow(uris)),
    async check() {
      if (upstream.gone || notices.ended()) throw new Unreachable(`${server.name} is gone.`);
      if (client.getProtocolEra() === "modern") return;
      await reached(client.ping({ timeout: checkWithin })).catch((error: unknown) => {
        // An error is an answer too.
        if (error instanceof Unreachable || !(error instanceof ProtocolError)) throw error;
      });
    },
    async close() {
      notices.close();
      end();
      await client.close().catch(() => {});
      await transport.close().catch(() => {});
    },
  };
  client.onclose = end;
  client.onerror = () => upstream.onDoubt?.();
  for (const method of ["sampling/createMessage", "elicitation/create", "roots/list"] as const) {
    client.setRequestHandler(method, (async (request: { params?: Params }) => {
      const call = upstream.calls.at(-1);
      if (!call) throw new Error("Nobody is asking anything of this server now.");
      return call.ask(method, request.params ?? {});
    }) as never);
  }
  client.fallbackNotificationHandler = async ({ method, params }) => {
    const call = upstream.calls.at(-1);
    if (method === "notifications/message" && call) call.tell(method, params ?? {});
    else hear(method, params ?? {});
  };
  return upstream;

  /** The same, where the connection itself fails as `Unreachable`; the next request then begins another. */
  async function reached<Done>(work: Promise<Done>): Promise<Done> {
    try {
      return await work;
    } catch (error) {
      const forgotten = isForgotten(error);
      if (!upstream.gone && !forgotten && !isLost(error)) throw error;
      end();
      throw new (forgotten ? SessionGone : Unreachable)(`${server.name} is gone.`, { cause: error });
    }
  }

  /** Answered with 404, as the protocol has it, or as many servers do it with 400 and words about the session. */
  function isForgotten(error: unknown): boolean {
    const { status, message } = error as { status?: unknown; message?: string };
    const session = client.getProtocolEra() !== "modern" && (transport as { sessionId?: string }).sessionId;
    return Boolean(session) && (status === 404 || (status === 400 && /session|not initialized/i.test(message ?? "")));
  }
}

function isLost(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  // How undici says that nothing answers at an address.
  if (error instanceof TypeError && cause !== undefined) return true;
  return (
    code === "CONNECTION_CLOSED" || code === "ConnectionClosed" || code === "SEND_FAILED" || code === "NotConnected"
  );
}
