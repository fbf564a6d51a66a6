import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  Server,
  type ServerCapabilities,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { AskedUris } from "./exposed-uri.ts";
import { type ListField, lists } from "./lists.ts";
import { type Names, namesOf } from "./names.ts";
import type { Parking } from "./parking.ts";
import type { Call, Params, Result, Source } from "./source.ts";
import { askAll, listOf } from "./sources.ts";

export const capabilities: ServerCapabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/**
 * An MCP server that speaks for its sources, which may become others, for one session or one request.
 *
 * @param parking where questions of servers wait, for a client that is not asked in the middle of a request
 * @param asked learns under which addresses resources are subscribed to
 */
export function federatedServer(
  sources: () => readonly Source[],
  { parking, asked }: { parking?: Parking; asked?: AskedUris } = {},
): Server {
  const server = new Server(
    { name: "devflow", title: "DevFlow", version: "1.0.0" },
    { capabilities, instructions: instructionsOf(sources()) },
  );
  let named = { of: sources(), names: namesOf(sources()) };
  for (const field of Object.keys(lists) as ListField[]) {
    handle(lists[field], async (params, call) => list(names(), sources(), field, params, call));
  }
  handle("tools/call", (params, call) => ask(names(), "tools/call", "tools", params, call));
  handle("prompts/get", (params, call) => ask(names(), "prompts/get", "prompts", params, call));
  handle("resources/read", async (params, call) => {
    const { source, uri } = await names().ownerOf(String(params.uri), call);
    const result = await source.request("resources/read", { ...params, uri }, call);
    return uri === params.uri ? result : underUri(result, uri, params.uri);
  });
  for (const method of ["resources/subscribe", "resources/unsubscribe"]) {
    handle(method, async (params, call) => {
      const { source, uri } = await names().ownerOf(String(params.uri), call);
      const result = await source.request(method, { ...params, uri }, call);
      if (method === "resources/subscribe") asked?.add(source.name, uri, String(params.uri));
      else asked?.remove(source.name, uri, String(params.uri));
      return result;
    });
  }
  handle("completion/complete", async (params, call) => {
    const reference = params.ref as { type: string; name?: string; uri?: string };
    if (reference.type !== "ref/prompt") {
      const { source, uri } = await names().ownerOf(String(reference.uri), call);
      return source.request("completion/complete", { ...params, ref: { ...reference, uri } }, call);
    }
    const { source, name } = await names().find("prompts", String(reference.name), call);
    return source.request("completion/complete", { ...params, ref: { ...reference, name } }, call);
  });
  handle("logging/setLevel", async (params, call) => {
    await askAll(sources(), call, (source, one) => source.request("logging/setLevel", params, one));
    return {};
  });
  return server;

  function names(): Names {
    const now = sources();
    if (named.of !== now) named = { of: now, names: namesOf(now) };
    return named.names;
  }

  function handle(method: string, work: (params: Params, call: Call) => Promise<Result>): void {
    const handler = async (request: { params?: Params }, context: ServerContext): Promise<Result> => {
      const params = withRounds(request.params ?? {}, context);
      const call = callOf(context);
      return parking ? parking.run(context, params, call, work) : work(params, call);
    };
    server.setRequestHandler(method as never, handler as never);
  }
}

async function ask(
  names: Names,
  method: string,
  field: "tools" | "prompts",
  params: Params,
  call: Call,
): Promise<Result> {
  const { source, name } = await names.find(field, String(params.name), call);
  return source.request(method, { ...params, name }, call);
}

/** What was read, under the address that it was asked for with. */
function underUri(result: Result, own: string, asked: unknown): Result {
  const contents = ((result.contents ?? []) as Params[]).map((one) => (one.uri === own ? { ...one, uri: asked } : one));
  return { ...result, contents };
}

/** All pages of every source at once: a cursor over many servers would be worth nothing when one changes. */
async function list(
  names: Names,
  sources: readonly Source[],
  field: ListField,
  params: Params,
  call: Call,
): Promise<Result> {
  // One server is asked page by page, and its own words about its answer stay.
  const [only] = sources;
  if (sources.length === 1 && only) return only.request(lists[field], params, call);
  const answers = await askAll(sources, call, (source, one) => listOf(source, field, one));
  const offline = answers.flatMap(({ answer }) => answer.meta?.["devflow/offline"] ?? []);
  return {
    [field]: names.tell(
      field,
      answers.map(({ source, answer }) => ({ source, items: answer.items })),
    ),
    ...(offline.length > 0 && { _meta: { "devflow/offline": offline } }),
  };
}

/** The rounds of a client's answers are read from its request by the SDK; servers get them as they came. */
function withRounds(params: Params, { mcpReq }: ServerContext): Params {
  const { _meta: _, ...rest } = params;
  const meta = Object.fromEntries(Object.entries(mcpReq._meta ?? {}).filter(([name]) => !betweenUs.has(name)));
  const level = levelOf(mcpReq);
  if (level !== undefined) meta[LOG_LEVEL_META_KEY] = level;
  // A server must ask only for what this client can answer, whatever the gateway's own client can pass on.
  const able = (mcpReq.envelope as Params | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  if (able !== undefined) meta[CLIENT_CAPABILITIES_META_KEY] = able;
  const state = (mcpReq.requestState as () => unknown)();
  return {
    ...rest,
    ...(Object.keys(meta).length > 0 && { _meta: meta }),
    ...(mcpReq.inputResponses && { inputResponses: mcpReq.inputResponses }),
    ...(typeof state === "string" && { requestState: state }),
  };
}

/** What of a request's `_meta` is between the client and the gateway, whose own client makes new ones. */
const betweenUs = new Set([
  "progressToken",
  PROTOCOL_VERSION_META_KEY,
  CLIENT_INFO_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
]);

type Asked = ServerContext["mcpReq"];

function levelOf({ envelope }: Asked): unknown {
  return (envelope as Params | undefined)?.[LOG_LEVEL_META_KEY];
}

function callOf({ mcpReq }: ServerContext): Call {
  const token = mcpReq._meta?.progressToken;
  const notify = (method: string, params: Params) => void mcpReq.notify({ method, params } as never).catch(() => {});
  return {
    signal: mcpReq.signal,
    tell(method, params) {
      if (method === "notifications/progress") {
        if (token !== undefined) notify(method, { ...params, progressToken: token });
        return;
      }
      // Since 2026 a client gets lines of a log only with the requests that ask for them.
      const unasked = mcpReq.envelope !== undefined && levelOf(mcpReq) === undefined;
      if (method !== "notifications/message" || !unasked) notify(method, params);
    },
    ask: (method, params) => mcpReq.send({ method, params } as never) as Promise<Result>,
  };
}

function instructionsOf(sources: readonly Source[]): string {
  if (sources.length === 1) return "";
  const servers = sources.filter(({ prefix }) => prefix).map(({ name }) => name);
  return [
    "Tools of this platform have plain names.",
    servers.length > 0
      ? `Those of other servers begin with the server's name and two underscores: ${servers.join(", ")}.`
      : "",
  ]
    .join(" ")
    .trim();
}
