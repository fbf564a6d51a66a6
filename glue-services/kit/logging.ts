import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";
import { stdSerializers } from "pino";
import { redact, redactText } from "./redact.ts";

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Options for pino: JSON lines on standard output, without host name, with secrets cut out of every line (not of a child logger's bindings). */
export function loggerOptions(
  level: LogLevel,
  stream?: { write(line: string): void },
): NonNullable<FastifyServerOptions["logger"]> {
  return {
    level,
    base: null,
    ...(stream && { stream }),
    formatters: { log: (line) => redact(line) },
    hooks: {
      logMethod(args, method) {
        method.apply(this, args.map((one) => (typeof one === "string" ? redactText(one) : one)) as typeof args);
      },
    },
    serializers: { req: describe, err: (error: Error) => redactError(error) },
  };
}

/**
 * One line a request when it is answered, quiet for addresses that are asked every few seconds, and for what pages read in
 * the browser: an open dashboard must not fill the log with itself.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", (request, reply, done) => {
    const line = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    if (reply.statusCode >= 500) request.log.error(line, "answered");
    else if (request.routeOptions.config.quiet || isReading(request, reply.statusCode))
      request.log.debug(line, "answered");
    else request.log.info(line, "answered");
    done();
  });
}

/** A page in a browser read something, and got it. */
function isReading({ method, knownIdentity }: FastifyRequest, status: number): boolean {
  return status < 400 && (method === "GET" || method === "HEAD") && knownIdentity?.via === "session";
}

/** Method and path only: headers and queries may carry secrets. */
function describe(request: FastifyRequest): { id: string; method: string; path: string } {
  return { id: request.id, method: request.method, path: pathOf(request) };
}

function pathOf(request: { url: string }): string {
  return request.url.split("?", 1)[0] ?? "/";
}

/** Errors of clients carry what they sent, headers included. */
function redactError(error: Error) {
  return {
    ...redact({ ...stdSerializers.err(error) }),
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ""),
  };
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its answers are logged at debug level. @default false */
    quiet?: boolean;
  }
}
