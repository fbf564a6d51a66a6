import type { ServerCapabilities } from "@modelcontextprotocol/server";
import type { Caller } from "../access/caller.ts";
import { judge } from "../access/judge.ts";
import { effectOf } from "../access/rules.ts";
import type { Outcome } from "../calls.ts";
import type { Gateway } from "../gateway.ts";
import { argumentsOf, refusal, targetOf } from "../pass/message.ts";
import type { McpServer, Organisation } from "../servers.ts";
import type { Connections } from "./connections.ts";
import { type Call, type Params, type Result, type Source, Unreachable } from "./source.ts";

export interface Exchange {
  caller: Caller;
  organisation: Organisation;
  /** One server under its own names; undefined: all in one. */
  only: string | undefined;
}

/** A server behind the gateway as a source; while it is away, its last answers. */
export function upstreamSource(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  connections: Connections,
  prefix: string,
): Source {
  return {
    name: server.name,
    prefix,
    async capabilities() {
      return connections.use(
        server,
        async ({ client }) => (client.getServerCapabilities() ?? {}) as ServerCapabilities,
      );
    },
    async request(method, params, call) {
      const question = { method, params, id: 0 };
      try {
        const result = await connections.use(server, (upstream) => upstream.request(method, params, call));
        if (gateway.answers.keeps(question)) gateway.answers.keep(caller, server, question, result);
        return result;
      } catch (error) {
        if (!(error instanceof Unreachable) || !gateway.answers.keeps(question)) throw error;
        const last = await gateway.answers.last(caller, server, question);
        if (!last) throw error;
        return last;
      }
    },
  };
}

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

/** Asks every source, and takes what comes in time: one that is away or slow holds nobody up. */
export async function askAll(
  sources: readonly Source[],
  method: string,
  params: Params,
  call: Call,
): Promise<{ source: Source; result: Result }[]> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      try {
        const signal = AbortSignal.any([call.signal, AbortSignal.timeout(listWithin)]);
        return { source, result: await source.request(method, params, { ...call, signal }) };
      } catch (error) {
        const cannot = (error as { code?: unknown }).code === -32601;
        if (!cannot) call.tell("notifications/message", { level: "warning", logger: source.name, data: String(error) });
        return undefined;
      }
    }),
  );
  return answers.filter((one) => one !== undefined);
}

/** Milliseconds a list of many servers waits for each. */
const listWithin = 10_000;
