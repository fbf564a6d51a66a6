import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { ApiError, type ApiErrorCode, apiErrors } from "./api-error.ts";
import { isUnavailable, unavailableFor } from "./database/unavailable.ts";
import { validationSentence } from "./validation.ts";

/** The one shape of every answer that is not a success. */
export const ErrorAnswer = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: "Stable name of the error, for programs." }),
      message: Type.String({ description: "What happened." }),
      hint: Type.String({ description: "What to do about it." }),
      docs: Type.String({ description: "Address of the page that says more, below the platform's address." }),
      request: Type.Optional(Type.String({ description: "Id of the request, to find it in the log." })),
    }),
  },
  { $id: "ErrorAnswer" },
);
export type ErrorAnswer = Static<typeof ErrorAnswer>;

/** What people see in a browser at an address that nothing answers, instead of the JSON that programs get. */
export interface MissingPage {
  /** Answers a page with the status that is set; false when there is none. */
  send?: (reply: FastifyReply) => Promise<boolean>;
}

/** One handler for every error of every service: what a client did wrong is told, what we did wrong is only logged. */
export function handleErrors(app: FastifyInstance): void {
  const missing: MissingPage = {};
  app.decorate("missingPage", missing);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof ApiError ? error : fromFastify(error, request);
    if (known.status >= 500) request.log.error({ err: error }, "request failed");
    return answer(known, request, reply);
  });
  app.setNotFoundHandler(async (request, reply) => {
    if (isBrowser(request) && (await missing.send?.(reply.code(404)))) return reply;
    return answer(new ApiError("NOT_FOUND", `Nothing answers ${request.method} ${pathOf(request)}.`), request, reply);
  });
}

/** What Fastify refuses before any hook or handler is asked: an address that it cannot read. As `frameworkErrors`. */
export function refuseAddress<Reply extends FastifyReply>(
  error: FastifyError,
  request: FastifyRequest,
  reply: Reply,
): void {
  const told: Record<string, string> = {
    FST_ERR_BAD_URL: "The address has a part that is not UTF-8, or a % that begins no character.",
    FST_ERR_MAX_PARAM_LENGTH: "The address has a part that is too long.",
  };
  const message = told[error.code];
  const known =
    message === undefined
      ? fromFastify(error, request)
      : new ApiError("INVALID", message, { hint: "Check the address." });
  answer(known, request, reply.header("x-request-id", request.id));
}

/** Somebody follows a link or types an address; a script's, a style's or a program's request asks for no page. */
function isBrowser({ method, headers }: FastifyRequest): boolean {
  return (method === "GET" || method === "HEAD") && /\btext\/html\b/.test(headers.accept ?? "");
}

function answer(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body: ErrorAnswer = {
    error: {
      code: error.code,
      message: error.message,
      hint: error.hint,
      docs: `/docs/${error.docs}`,
      ...(error.status >= 500 && { request: request.id }),
    },
  };
  // Programs that retry by themselves wait for so long.
  if (error.code === "UNAVAILABLE" && !reply.hasHeader("retry-after")) reply.header("retry-after", unavailableFor);
  // A stream or a page may have set its own type before it failed.
  return reply.code(error.status).type("application/json; charset=utf-8").serializer(JSON.stringify).send(body);
}

function fromFastify(error: FastifyError, request: FastifyRequest): ApiError {
  if (error.validation) {
    const { schema } = request.routeOptions;
    const part = schema?.[(error.validationContext ?? "body") as "body"];
    return new ApiError("INVALID", validationSentence(error.validation, part));
  }
  if (isUnstorable(error)) {
    return new ApiError("INVALID", "A text has a character that cannot be kept: U+0000, or half a surrogate pair.", {
      hint: "Take the character out.",
    });
  }
  if (isOutOfRange(error))
    return new ApiError("INVALID", "A number, a date or a text is out of range.", { cause: error });
  // What recurses into a body has no other end than the stack's.
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new ApiError("INVALID", "The body is nested too deep.", { cause: error });
  }
  if (isUnavailable(error))
    return new ApiError("UNAVAILABLE", "The database cannot be reached right now.", { cause: error });
  const status = error.statusCode ?? 500;
  const code = codeOf(status);
  if (status >= 400 && status < 500 && code) return new ApiError(code, sentence(error.message));
  if (status === 503) return new ApiError("UNAVAILABLE", "The service cannot answer right now.", { cause: error });
  return new ApiError("INTERNAL", "Something went wrong on our side.", { cause: error });
}

/** PostgreSQL's errors for characters: in a text, and in JSON. Only what a client sent can have them. */
function isUnstorable({ code, detail = "" }: { code?: string; detail?: string }): boolean {
  return code === "22021" || code === "22P05" || (code === "22P02" && detail.includes("surrogate"));
}

/**
 * Numbers (22003; 22P02 for an infinite one), dates, times, intervals and time zones (22007, 22008, 22009, 22015) that fit
 * their form and no column, and entries that are too long for an index (54000).
 */
function isOutOfRange({ code = "" }: { code?: string }): boolean {
  return /^(?:2200[3789]|22015|22P02|54000)$/.test(code);
}

function codeOf(status: number): ApiErrorCode | undefined {
  const codes = Object.keys(apiErrors) as ApiErrorCode[];
  return codes.find((code) => apiErrors[code].status === status) ?? (status < 500 ? "INVALID" : undefined);
}

/** With a capital and a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim().replace(/\.$/, "");
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
}

/** Without the query, which may carry a token. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "/";
}

declare module "fastify" {
  interface FastifyInstance {
    /** Set by the service that has pages. */
    missingPage: MissingPage;
  }
}
