import { PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { ApiError, type App } from "../../kit/index.ts";
import { callerOf } from "../access/caller.ts";
import { refuse } from "../access/challenge.ts";
import { listens } from "../access/listeners.ts";
import { audienceOf, resourceMetadata } from "../access/metadata.ts";
import type { Exchange } from "../federation/sources.ts";
import { eraOf, knownEra } from "../federation/upstream.ts";
import type { Gateway } from "../gateway.ts";
import { type Message, messagesOf } from "../pass/message.ts";
import { pass } from "../pass/pass.ts";

/** Bytes of a message: pictures and files are in them. */
const bodyLimit = 8 * 1024 * 1024;
const methods = ["GET", "POST", "DELETE"];

/** Where MCP clients speak to the gateway. */
export async function wireRoutes(app: App, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    // A logger of its own for each message would cost more than passing it on.
    scope.setChildLoggerFactory((logger) => logger);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "buffer", bodyLimit }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler((error, request, reply) => refuse(gateway.publicUrl, error, request, reply));
    // A server's own answers may take as long as they take, and its streams stay open.
    const common: Omit<RouteOptions, "handler" | "method" | "url"> = {
      auth: "public",
      bodyLimit,
      config: { quiet: true, rateLimit: false, unhurried: true, audience: (request) => audienceOf(gateway, request) },
      schema: { hide: true },
      onRequest: async (request) => gateway.guard(request),
    };
    // Many a client puts a slash at the end.
    for (const slash of ["", "/"]) {
      scope.route({
        ...{ ...common, method: methods, url: `/mcp${slash}` },
        handler: (request, reply) => all(gateway, request, reply),
      });
      scope.route<{ Params: { name: string } }>({
        ...{ ...common, method: methods, url: `/mcp/servers/:name${slash}` },
        handler: (request, reply) => one(gateway, request, reply),
      });
    }
    for (const at of ["/mcp", "/mcp/servers/:name"]) {
      scope.get<Named>(`${at}/sse`, { ...common }, async (request, reply) => {
        const exchange = await exchangeOf(gateway, request);
        gateway.listeners.watch(exchange.caller, request, reply);
        return gateway.formerSse.stream(exchange, request, reply);
      });
      scope.post<Named>(`${at}/messages`, { ...common }, async (request, reply) => {
        const { sessionId = "" } = request.query;
        return gateway.formerSse.message(await exchangeOf(gateway, request), sessionId, request, reply);
      });
    }
    for (const url of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/*"]) {
      scope.get(url, { ...common, config: { quiet: true } }, (request, reply) =>
        resourceMetadata(gateway, request, reply),
      );
    }
  });
}

interface Named {
  Params: { name?: string };
  Querystring: { sessionId?: string };
}

/** Every server and the platform's own tools in one. */
async function all(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const exchange = await exchangeOf(gateway, request);
  watched(gateway, exchange, request, reply);
  return gateway.federation.serve(exchange, request, reply);
}

/** A stream that no answer ends is its caller's as long as they may listen. */
function watched(gateway: Gateway, { caller }: Exchange, request: FastifyRequest, reply: FastifyReply): void {
  if (listens(request.method, () => messagesOf(request.body))) gateway.listeners.watch(caller, request, reply);
}

/** One server, under its own names. */
async function one(
  gateway: Gateway,
  request: FastifyRequest<{ Params: { name: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const exchange = await exchangeOf(gateway, request);
  watched(gateway, exchange, request, reply);
  const { caller, organisation, only } = exchange;
  const server = organisation.servers.find(({ name }) => name === only);
  const carry = () => gateway.federation.serve(exchange, request, reply);
  if (server?.transport !== "http") return carry();
  const messages = request.method === "POST" ? messagesOf(request.body) : [];
  const modern = messages.some(isModern);
  // A server that knows only the other protocol is spoken to as `/mcp` does.
  if (modern && (await eraOf(gateway, caller, server, "modern")) === "legacy") return carry();
  if (!modern && knownEra(server, "legacy") === "modern") return carry();
  // A call is judged once: whether it is carried is found out before.
  const calls = messages.some(({ method }) => method === "tools/call") && !request.headers["mcp-session-id"];
  if (calls && !modern && (await eraOf(gateway, caller, server, "legacy")) === "modern") return carry();
  const refused = async () => {
    if (modern || (await eraOf(gateway, caller, server, "legacy")) !== "modern") return undefined;
    return carry();
  };
  return pass(gateway, caller, organisation, server, request, reply, refused);
}

/** Requests of 2026 say their version themselves. */
function isModern({ params }: Message): boolean {
  return params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined;
}

/** Who asks for what. @throws ApiError UNAUTHENTICATED, FORBIDDEN, NOT_FOUND */
async function exchangeOf(gateway: Gateway, request: FastifyRequest): Promise<Exchange> {
  const caller = await callerOf(gateway.app, request);
  const organisation = await gateway.registry.of(caller);
  if (!gateway.hosts.isForwarded(caller, request))
    await gateway.meter.spend(caller, organisation.limits, messagesIn(request.body));
  const { name: only } = request.params as { name?: string };
  const known = only === gateway.federation.ownName || organisation.servers.some(({ name }) => name === only);
  if (only === undefined || known) return { caller, organisation, only };
  throw new ApiError("NOT_FOUND", `There is no MCP server ${only}.`, {
    hint: "Its name is on the page MCP servers.",
    docs: "mcp",
  });
}

/** What a request counts for: a list of messages for as many as it has. */
function messagesIn(body: unknown): number {
  const list = Buffer.isBuffer(body) && body.subarray(0, 64).toString().trimStart().startsWith("[");
  return list ? messagesOf(body).length : 1;
}
