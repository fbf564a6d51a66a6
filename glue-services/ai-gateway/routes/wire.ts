import type { FastifyReply, FastifyRequest } from "fastify";
import { isUnavailable, unavailableFor } from "../../kit/database/unavailable.ts";
import { ApiError, type App } from "../../kit/index.ts";
import type { Gateway } from "../call/context.ts";
import { embedLocally } from "../call/local.ts";
import { serveProtected, type Wishes } from "../call/protected.ts";
import { serve } from "../call/serve.ts";
import type { Caller } from "../callers.ts";
import { BudgetUsed } from "../limits/ledger.ts";
import { localProvider, type Plan } from "../routing/plan.ts";
import { betaOf } from "../wire/anthropic.ts";
import { bodyLimit, demandJson, tooLarge, unpacked, untyped } from "../wire/body.ts";
import { CallError, errorBody } from "../wire/call-error.ts";
import { readForm } from "../wire/form.ts";
import { demandInputs, demandModelName } from "../wire/inputs.ts";
import type { Asked, Body, Surface } from "../wire/shape.ts";
import { addressRoutes, apiOf } from "./addresses.ts";
import { answerCount, countPath } from "./count-tokens.ts";

const paths: Record<string, Surface> = {
  "/chat/completions": "chat",
  "/completions": "completions",
  "/responses": "responses",
  "/messages": "messages",
  "/embeddings": "embeddings",
  "/moderations": "moderations",
  "/images/generations": "images",
  "/images/edits": "images",
  "/images/variations": "images",
  "/audio/speech": "audio",
  "/audio/transcriptions": "audio",
  "/audio/translations": "audio",
};
/** The others answer as a whole, whatever they were asked. */
const streaming: ReadonlySet<Surface> = new Set(["chat", "responses", "messages", "completions"]);
/** OpenAI's clients may leave it out where there is one usual model. */
const usualModel: Partial<Record<Surface, string>> = { moderations: "omni-moderation-latest" };

/** The OpenAI API, and Anthropic's messages. */
export async function wireRoutes(app: App, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    // A logger of its own for each call would cost more than looking its key up.
    scope.setChildLoggerFactory((logger) => logger);
    scope.removeAllContentTypeParsers();
    // Sound and pictures to change come as forms with files.
    const types = ["application/json", "multipart/form-data"];
    scope.addContentTypeParser(types, { parseAs: "buffer", bodyLimit }, (request, body, done) => {
      const coding = request.headers["content-encoding"];
      if (coding === undefined) done(null, body);
      else unpacked(body as Buffer, coding).then((plain) => done(null, plain), done);
    });
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, async (request: FastifyRequest, body: Buffer) => {
      const { "content-encoding": coding, "content-type": type } = request.headers;
      const plain = await unpacked(body, coding);
      demandJson(plain, type);
      request.headers["content-type"] = "application/json";
      return plain;
    });
    scope.setErrorHandler((error, request, reply) => {
      const known = asCallError(error);
      if (known.status >= 500) request.log.warn({ err: error, reqId: request.id }, "call failed");
      if (known.status === 413) readOn(request, reply);
      return refuse(request, reply, known);
    });
    for (const [path, surface] of Object.entries(paths)) {
      scope.post(
        `/v1${path}`,
        {
          // A call proves itself by a key of its own (callers.ts), which is known without asking anybody.
          auth: "public",
          bodyLimit,
          config: { quiet: true, rateLimit: false, unhurried: true },
          schema: { hide: true },
        },
        (request, reply) => answer(gateway, surface, path, request, reply),
      );
    }
    addressRoutes(
      scope,
      gateway,
      Object.keys(paths).map((path) => `/v1${path}`),
    );
    scope.post(countPath, { ...plain, bodyLimit }, async (request, reply) => {
      const caller = await gateway.callers.of(request);
      const asked = read("messages", "/messages", request);
      const plan = await planFor(gateway, caller, asked.body.model);
      const { by, input_tokens } = await answerCount(gateway, caller, asked, plan, reply);
      return reply.header("x-devflow-counted-by", by).send({ input_tokens });
    });
    const later = async () => {
      throw new CallError(501, "not_implemented", "The gateway has no batches or files; send the calls one by one.");
    };
    for (const path of ["/v1/batches", "/v1/batches/*", "/v1/files", "/v1/files/*"]) {
      scope.all(path, plain, later);
    }
  });
}

const plain = { auth: "public", config: { rateLimit: false }, schema: { hide: true } } as const;

async function answer(
  gateway: Gateway,
  surface: Surface,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // The server ends connections on which nothing happens for a minute; a model may think for longer, within its route's
  // own times (routing/plan.ts).
  reply.raw.on("timeout", ignore);
  const found = gateway.callers.of(request);
  const caller = found instanceof Promise ? await found : found;
  const asked = read(surface, path, request);
  if (gateway.spool.full) {
    throw new CallError(503, "metering_full", "The gateway cannot write down more calls until its database is back.", {
      retryAfter: 10,
    });
  }
  return respond(gateway, caller, asked, reply);
}

async function respond(gateway: Gateway, caller: Caller, asked: Asked, reply: FastifyReply): Promise<FastifyReply> {
  const plan = await planFor(gateway, caller, asked.body.model);
  const [first] = plan.candidates;
  if (first?.provider === localProvider) {
    const body = await embedLocally(gateway, caller, asked, first);
    return reply.header("x-devflow-model", first.id).type("application/json").send(body);
  }
  const { protection } = caller.settings;
  const served = protection
    ? await serveProtected(gateway, caller, asked, plan, reply, protection, wishesOf(reply.request))
    : await serve(gateway, caller, asked, plan, reply);
  // From here on only the client is waited for: one that does not read what it got is let go of like any other.
  reply.raw.off("timeout", ignore);
  if (!served) return reply;
  return reply
    .code(served.status)
    .header("content-type", served.contentType)
    .header("x-devflow-model", served.candidate.id)
    .send(sendable(served.body, served.contentType));
}

/** A name that nothing else knows is that of the one provider whose server lists it. */
function planFor(gateway: Gateway, caller: Caller, model: string): Plan | Promise<Plan> {
  try {
    return gateway.planner.plan(caller, model);
  } catch (error) {
    if (!(error instanceof CallError) || error.code !== "model_not_found") throw error;
    return planByLists(gateway, caller, model, error);
  }
}

async function planByLists(gateway: Gateway, caller: Caller, model: string, unknown: CallError): Promise<Plan> {
  const servers = gateway.planner
    .providers(caller)
    .filter((one) => one.kind === "openai-compatible" && one !== localProvider);
  const lists = await Promise.all(servers.map((server) => gateway.lists.of(server, caller)));
  const names = servers.filter((_, at) => lists[at]?.includes(model)).map(({ name }) => `${name}/${model}`);
  if (names.length === 1) return gateway.planner.plan(caller, model, names[0]);
  if (names.length === 0) throw unknown;
  throw new CallError(404, "model_not_found", `Several providers have a model ${model}.`, {
    hint: `Name one of them: ${names.join(", ")}.`,
  });
}

/** A short text leaves with its head in one piece, which two buffers would not. */
function sendable(body: Buffer | string, contentType: string): Buffer | string {
  return typeof body !== "string" && body.length < 65_536 && contentType.includes("json") ? body.toString() : body;
}

/** What a client may ask of the cache, as browsers do. */
function wishesOf({ headers }: FastifyRequest): Wishes {
  const control = headers["cache-control"] ?? "";
  return { fresh: control.includes("no-cache"), none: control.includes("no-store") };
}

function ignore(): void {}

/** @throws CallError */
function read(surface: Surface, path: string, request: FastifyRequest): Asked {
  const raw = request.body;
  const contentType = request.headers["content-type"] ?? "application/json";
  if (!Buffer.isBuffer(raw)) throw new CallError(400, "invalid_json", "The request has no body.");
  if (contentType.startsWith("multipart/form-data")) {
    const { model, boundary } = readForm(raw, contentType);
    demandModelName(model);
    // As it was read, so that the provider reads it no other way.
    const type = `multipart/form-data; boundary="${boundary}"`;
    return { surface, path, body: { model }, raw, contentType: type, stream: false, form: true };
  }
  let body: Body;
  try {
    body = JSON.parse(raw.toString()) as Body;
  } catch (error) {
    throw new CallError(400, "invalid_json", `The body is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new CallError(400, "invalid_json", "The body must be a JSON object.");
  }
  const usual = usualModel[surface];
  if (usual !== undefined) body.model ??= usual;
  demandModelName(body.model);
  demandInputs(surface, body);
  const beta = surface === "messages" ? betaOf(request.headers["anthropic-beta"]) : undefined;
  const stream = body.stream === true && streaming.has(surface);
  return { surface, path, body, raw, contentType, stream, ...(beta !== undefined && { beta }) };
}

/**
 * A client that is still sending when its connection closes sees a broken one and not why. So what it sends is thrown away
 * for as long as it may be a request, twice as much as one may have.
 */
function readOn({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader("connection");
  let left = 2 * bodyLimit;
  raw.on("data", (part: Buffer) => {
    left -= part.length;
    if (left < 0) raw.destroy();
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: CallError): FastifyReply {
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return reply;
  }
  if (error.retryAfter !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(error.retryAfter))));
  return reply
    .code(error.status)
    .type("application/json; charset=utf-8")
    .serializer(String)
    .send(errorBody(error, apiOf(request)));
}

function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  if (error instanceof BudgetUsed) {
    const seconds = Number.isFinite(error.until) ? (error.until - Date.now()) / 1000 : undefined;
    return new CallError(429, "insufficient_quota", error.message, { hint: error.hint, retryAfter: seconds });
  }
  if (error instanceof ApiError) {
    const code = error.status === 401 ? "invalid_api_key" : error.code.toLowerCase();
    return new CallError(error.status, code, error.message, { hint: error.hint });
  }
  // What recurses into a body has no other end than the stack's.
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new CallError(400, "invalid_json", "The body is nested too deep.");
  }
  if (isUnavailable(error)) {
    const retryAfter = unavailableFor;
    return new CallError(503, "unavailable", "The database cannot be reached right now.", { retryAfter, cause: error });
  }
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode === 413) return tooLarge();
  if (statusCode === 415) return untyped("of a type that is none");
  if (statusCode < 500) return new CallError(statusCode, "invalid_request", message);
  return new CallError(500, "internal", "Something went wrong on our side.", { cause: error });
}
