import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { DevflowError } from "../../components/error.ts";
import { type ApiError, apiPrefix, bodyLimit, processName } from "./api.ts";
import { type Route, routes, type Served } from "./routes.ts";

/** The supervisor's HTTP interface, not yet listening. It trusts its callers no further than their right to the socket. */
export function createApi(served: Served, log: (line: string) => void): Server {
  const server = createServer((request, response) => {
    answer(request, response, served).catch((error: unknown) => {
      const { status, body } = describe(error, log);
      if (response.headersSent) return void response.destroy();
      // What is left of a body that was refused is not read: the connection ends with the answer.
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(body));
    });
  });
  server.on("clientError", (_error, socket) => {
    const body: ApiError = { error: { code: "USAGE", message: "This is no HTTP request.", hint: "" } };
    if (socket.writable) socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n${JSON.stringify(body)}`);
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const hungUp = new AbortController();
  response.on("close", () => hungUp.abort());
  const url = URL.parse(request.url ?? "/", "http://supervisor");
  const { route, name } = find(request.method ?? "", url?.pathname ?? "");
  const query = Object.fromEntries(url?.searchParams ?? []);
  check(route.query ?? noQuery, query, "query");
  const body = route.body ? await readBody(request) : undefined;
  if (route.body) check(route.body, body, "body");
  const result = await route.handle({ name, query, body, gone: hungUp.signal, request, response }, served);
  if (result === undefined) return;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(result));
}

function find(method: string, path: string): { route: Route; name: string } {
  const matches = patterns.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match ? [{ route, name: match[1] ?? "" }] : [];
  });
  const match = matches.find(({ route }) => route.method === method);
  if (match) return match;
  if (matches.length > 0) throw new Refused(405, `${path} does not take ${method}.`);
  throw new Refused(404, `${path} is not an address of the supervisor.`);
}

const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${apiPrefix}${route.path.replace(":name", `(${processName})`)}$`),
}));

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new Refused(413, `The body is larger than ${bodyLimit >> 10} KiB.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refused(400, "The body is not JSON.");
  }
}

const noQuery: TSchema = { type: "object", additionalProperties: false };
const compiled = new Map<TSchema, ReturnType<typeof Compile>>();

function check(schema: TSchema, value: unknown, what: string): void {
  const validator = compiled.get(schema) ?? Compile(schema);
  compiled.set(schema, validator);
  if (validator.Check(value)) return;
  const [problem] = validator.Errors(value);
  throw new Refused(400, `The ${what} is wrong at ${problem?.instancePath || "/"}: it ${problem?.message}.`);
}

/** A request that was wrong in itself, with its HTTP status. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const statuses: Partial<Record<DevflowError["code"], number>> = {
  USAGE: 400,
  NOT_FOUND: 404,
  COMPONENT_FAILED: 409,
  DISK_FULL: 507,
  SUPERVISOR_UNREACHABLE: 503,
};

function describe(error: unknown, log: (line: string) => void): { status: number; body: ApiError } {
  if (error instanceof Refused) {
    const code = error.status === 404 ? "NOT_FOUND" : "USAGE";
    const hint = "This is a mistake in the program that asked, or it is of another version.";
    return { status: error.status, body: { error: { code, message: error.message, hint } } };
  }
  if (error instanceof DevflowError) {
    const { code, message, hint } = error;
    return { status: statuses[code] ?? 500, body: { error: { code, message, hint } } };
  }
  log(`request failed: ${error instanceof Error ? error.stack : String(error)}`);
  const hint = "The supervisor's log says more: `./devflow logs supervisor`";
  return { status: 500, body: { error: { code: "INTERNAL", message: "The supervisor failed at this.", hint } } };
}
