import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { ApiError } from "../api-error.ts";
import { from } from "../audit/current.ts";
import { payloadCheck } from "../compilers.ts";
import { validationSentence } from "../validation.ts";
import type { Answering, Call } from "./contract.ts";
import { readOrigin } from "./origin.ts";
import { answeredHeader, callsPath, deadlineHeader } from "./remote.ts";
import { isBodyOf, onceOnly, readCallToken } from "./token.ts";
import { within } from "./within.ts";

/** Bytes of a call's body; a document's text is the largest that services hand each other. */
const bodyLimit = 32 * 1024 * 1024;

export interface Provided {
  call: Call;
  answer: (input: unknown, answering: Answering) => Promise<unknown>;
}

/**
 * Answers what services of other hosts call here. Whoever calls proves by a token that it has the stack's key; without one
 * there is nothing at these addresses, nor for what came through a proxy, and a host that shares no key answers nobody.
 */
export function serveCalls(
  app: FastifyInstance,
  keys: readonly Buffer[],
  find: (name: string) => Provided | undefined,
): void {
  const isFirst = onceOnly();
  app.register(async (scope) => {
    // The token is for these very bytes.
    scope.addContentTypeParser("application/json", { parseAs: "string", bodyLimit }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Params: { service: string; call: string }; Body: string }>(
      `${callsPath}/:service/:call`,
      {
        auth: "public",
        schema: { hide: true, params: Type.Object({ service: Type.String(), call: Type.String() }) },
        config: { quiet: true, rateLimit: false, unhurried: true },
        bodyLimit,
        // Before its body is read.
        onRequest: async ({ params: { service, call }, headers }) => {
          if (!claimsOf(keys, `${service}.${call}`, headers)) throw absent(`${service}.${call}`);
        },
      },
      async ({ params: { service, call }, headers, body, raw }, reply) => {
        const name = `${service}.${call}`;
        const provided = find(name);
        const claims = provided && claimsOf(keys, name, headers);
        const proved = claims && isBodyOf(claims, body) && (provided.call.idempotent || isFirst(claims));
        if (!proved) throw absent(name);
        reply.header(answeredHeader, name);
        const deadline = deadlineOf(headers[deadlineHeader], provided.call.deadline);
        // Nothing is said until the end, which may be later than a silent connection is usually kept for.
        raw.socket.setTimeout(deadline + 5000);
        const left = new AbortController();
        reply.raw.once("close", () => reply.raw.writableFinished || left.abort(new Error("Whoever called has left.")));
        const output = await within(deadline, { what: name, signal: left.signal }, (signal) =>
          answer(scope, provided, body, signal),
        );
        return { output };
      },
    );
  });
}

/** What proves a call; nothing does that came through a proxy. */
function claimsOf(keys: readonly Buffer[], name: string, headers: IncomingHttpHeaders) {
  if (headers.forwarded || headers.via || headers["x-forwarded-for"]) return undefined;
  return readCallToken(keys, /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1] ?? "", name);
}

/** One answer for a call that is not there and for one that is not proved. */
function absent(name: string): ApiError {
  return new ApiError("NOT_FOUND", `Nothing answers POST ${callsPath}/${name.replace(".", "/")}.`);
}

/** No longer than the caller waits, and never than the contract allows. */
function deadlineOf(header: string | string[] | undefined, most: number): number {
  const told = Number(header);
  return Number.isFinite(told) && told > 0 ? Math.min(told, most) : most;
}

/** As if the client's request had come here: the audit log names it, not the host that called. */
function answer(app: FastifyInstance, { call, answer }: Provided, body: string, signal: AbortSignal): Promise<unknown> {
  const { input, origin }: { input?: unknown; origin?: unknown } = JSON.parse(body);
  const checked = checkedInput(call, input);
  return from(readOrigin(origin, app), () => answer(checked, { signal }));
}

function checkedInput({ input: schema }: Call, input: unknown): unknown {
  const check = payloadCheck(schema);
  if (!check(input)) throw new ApiError("INVALID", validationSentence(check.errors ?? [], schema));
  return input;
}
