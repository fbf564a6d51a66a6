import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Names of fields whose value never reaches a log, at the top and up to two levels down. */
const secretFields = [
  "authorization",
  "cookie",
  "set-cookie",
  "password",
  "passphrase",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "secret",
  "clientSecret",
  "key",
  "apiKey",
  "privateKey",
  "connectionString",
  "databaseUrl",
];

/** Options for pino: JSON lines on standard output, without host name, with secrets cut out. */
export function loggerOptions(
  level: LogLevel,
  stream?: { write(line: string): void },
): NonNullable<FastifyServerOptions["logger"]> {
  return {
    level,
    base: null,
    ...(stream && { stream }),
    redact: {
      paths: secretFields.flatMap((name) => ["", "*.", "*.*."].map((at) => path(at, name))),
      censor: "[redacted]",
    },
    serializers: { req: describe },
  };
}

/** One line a request when it is answered, quiet for addresses that are asked every few seconds. */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", async (request, reply) => {
    const line = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    if (reply.statusCode >= 500) request.log.error(line, "answered");
    else if (request.routeOptions.config.quiet) request.log.debug(line, "answered");
    else request.log.info(line, "answered");
  });
}

/** Method and path only: headers and queries may carry secrets. */
function describe(request: FastifyRequest): { id: string; method: string; path: string } {
  return { id: request.id, method: request.method, path: pathOf(request) };
}

function pathOf(request: { url: string }): string {
  return request.url.split("?", 1)[0] ?? "/";
}

function path(at: string, name: string): string {
  if (/^\w+$/.test(name)) return `${at}${name}`;
  return `${at.replace(/\.$/, "")}["${name}"]`;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its answers are logged at debug level. @default false */
    quiet?: boolean;
  }
}
