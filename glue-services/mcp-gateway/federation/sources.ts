import type { ServerCapabilities } from "@modelcontextprotocol/server";
import type { Caller } from "../access/caller.ts";
import { judge } from "../access/judge.ts";
import { effectOf } from "../access/rules.ts";
import type { Outcome } from "../calls.ts";
import type { Gateway } from "../gateway.ts";
import { argumentsOf, refusal, targetOf } from "../pass/message.ts";
import { keyOf, type McpServer, type Organisation } from "../servers.ts";
import type { Connections, SharedConnections } from "./connections.ts";
import { type ListField, lists } from "./lists.ts";
import { type Call, type Params, type Result, type Source, Unreachable } from "./source.ts";

export interface Exchange {
  caller: Caller;
  organisation: Organisation;
  /** One server under its own names; undefined: all in one. */
  only: string | undefined;
}

/** The servers of an exchange that are reached without starting a program: those are followed by themselves. */
export function overNetwork({ organisation, only }: Exchange): McpServer[] {
  return organisation.servers.filter(
    ({ name, transport }) => transport !== "stdio" && (only === undefined || only === name),
  );
}

/** A server behind the gateway as a source; while it is away, its last answers. */
export function upstreamSource(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  connections: Connections | SharedConnections,
  prefix: string,
): Source {
  return {
    name: server.name,
    key: keyOf(server),
    prefix,
    async capabilities() {
      return connections.use(
        server,
        async ({ client }) => (client.getServerCapabilities() ?? {}) as ServerCapabilities,
      );
    },
    async request(method, params, call) {
      if ("subscribe" in connections && subscriptions.has(method)) {
        const uri = String(params.uri);
        await (method === "resources/subscribe" ? connections.subscribe : connections.unsubscribe)(server, uri);
        return {};
      }
      const question = { method, params, id: 0 };
      const keeps = gateway.answers.keeps(question);
      const last = async () => (keeps ? gateway.answers.last(caller, server, question) : undefined);
      const slow = `${server.id} ${server.version} ${caller.id}`;
      // Whoever lists in the meantime does not wait for it too.
      const known = (silent.get(slow) ?? 0) > performance.now() ? await last() : undefined;
      if (known) return known;
      try {
        const work = connections.use(server, (upstream) => upstream.request(method, params, call));
        const result = await unlessAborted(call.signal, work);
        silent.delete(slow);
        if (keeps) gateway.answers.keep(caller, server, question, result);
        return result;
      } catch (error) {
        // A client that went is no fault of the server.
        const late = (call.signal.reason as { name?: unknown } | undefined)?.name === "TimeoutError";
        if (silent.size >= mostSilent) silent.clear();
        if (late && keeps) silent.set(slow, performance.now() + silentFor);
        const answer = late || error instanceof Unreachable ? await last() : undefined;
        if (!answer) throw error;
        return answer;
      }
    },
  };
}

/** Servers that did not answer a list in time, until when their last answers are told at once. */
const silent = new Map<string, number>();
const [silentFor, mostSilent] = [30_000, 10_000];

/** A session's subscriptions are kept also when the connection to the server is lost. */
const subscriptions = new Set(["resources/subscribe", "resources/unsubscribe"]);

/** The same source with its rules in force, and with a log of what is done. */
export function governed(gateway: Gateway, { caller, organisation }: Exchange, source: Source): Source {
  return {
    ...source,
    async request(method, params, call) {
      const message = { method, params, id: 0 };
      const since = performance.now();
      if (method === "tools/list") {
        const result = await source.request(method, params, call);
        return { ...result, tools: allowed((result.tools ?? []) as { name: string }[]) };
      }
      const note = (outcome: Outcome) =>
        gateway.calls.heard(caller, source.name, message, outcome, performance.now() - since);
      if (method === "tools/call") {
        const asked = { server: source.name, tool: targetOf(message) ?? "", arguments: argumentsOf(message) };
        const refused = await judge(gateway, caller, organisation, asked);
        if (refused) {
          note(refused.reason);
          return (refusal(0, refused.text, refused.reason) as { result: Result }).result;
        }
      }
      try {
        const result = await source.request(method, params, call);
        note(result.isError === true ? "error" : "done");
        return result;
      } catch (error) {
        note(error instanceof Unreachable ? "unreachable" : "error");
        throw error;
      }
    },
  };

  function allowed<One extends { name: string }>(tools: One[]): One[] {
    return tools.filter(({ name }) => effectOf(organisation.rules, caller, source.name, name) !== "deny");
  }
}

/**
 * Asks every source, and takes what comes in time: one that is away, slow or broken holds nobody up, and takes nothing from
 * the others.
 */
export async function askAll<Answer>(
  sources: readonly Source[],
  call: Call,
  ask: (source: Source, call: Call) => Promise<Answer>,
): Promise<{ source: Source; answer: Answer }[]> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      try {
        const signal = AbortSignal.any([call.signal, AbortSignal.timeout(listWithin)]);
        return { source, answer: await ask(source, { ...call, signal }) };
      } catch (error) {
        const cannot = (error as { code?: unknown }).code === -32601;
        if (!cannot) warn(source, error, call);
        return undefined;
      }
    }),
  );
  return answers.filter((one) => one !== undefined);
}

/** Milliseconds a list of many servers waits for each. */
const listWithin = 10_000;
/** Pages that are read of a list at most: a server may answer the same cursor for ever. */
const mostPages = 50;

/** A list of one source, all its pages that can be had, and what was said about the first. */
export async function listOf(
  source: Source,
  field: ListField,
  call: Call,
): Promise<{ items: Params[]; meta: Params | undefined }> {
  const first = await source.request(lists[field], {}, call);
  const items = [...((first[field] ?? []) as Params[])];
  for (let page = 1, { nextCursor: cursor } = first; typeof cursor === "string" && page < mostPages; page++) {
    const next = await source
      .request(lists[field], { cursor }, call)
      .catch((error: unknown) => warn(source, error, call));
    items.push(...((next[field] ?? []) as Params[]));
    cursor = next.nextCursor;
  }
  return { items, meta: first._meta as Params | undefined };
}

/** Tells the client that something of a list is missing. */
function warn({ name }: Source, error: unknown, call: Call): Result {
  call.tell("notifications/message", { level: "warning", logger: name, data: String(error) });
  return {};
}

/** @throws Error when the signal is aborted before the work is done */
function unlessAborted<Done>(signal: AbortSignal, work: Promise<Done>): Promise<Done> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
