import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Agent } from "undici";
import { DevflowError } from "../../error.ts";
import { chosenEngine } from "./context.ts";

/** Where an engine answers, and with which certificates. */
export interface EngineAddress {
  /** Of its API, without a path. */
  origin: string;
  /** By what it was chosen: docker.host, DOCKER_HOST, a context, or the usual socket. */
  from: string;
  /** Unix socket, where it has one. */
  socketPath?: string;
  tls?: { ca: Buffer; cert: Buffer; key: Buffer };
}

/** An engine that speaks Docker's API. */
export interface DockerEngine extends AsyncDisposable {
  address: EngineAddress;
  /** Calls the API and reads the answer as JSON; undefined when it has none. */
  call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
  /** The same, undefined when there is no such thing (404). */
  find<Answer>(path: string): Promise<Answer | undefined>;
  /** The same with bytes in both directions. */
  bytes(method: Method, path: string, body?: Buffer): Promise<Readable>;
}

type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** An answer of the engine that is no success. */
export class EngineRefusal extends Error {
  readonly status: number;

  constructor(status: number, what: string, message: string) {
    super(`Docker refused ${what}: ${message || `HTTP ${status}`}`);
    this.name = "EngineRefusal";
    this.status = status;
  }
}

/**
 * Connects to an engine by its HTTP API; no `docker` program is needed.
 *
 * @param host as DOCKER_HOST has it: `unix://`, `tcp://`, `http://` or `https://`. @default the engine that the program `docker` would speak to
 * @throws DevflowError CONFIG_INVALID for an address that cannot be used
 */
export function dockerEngine(host?: string, env: NodeJS.ProcessEnv = process.env): DockerEngine {
  const address = engineAddress(host, env);
  let connections: Agent | undefined;
  return { address, call, find, bytes, [Symbol.asyncDispose]: async () => connections?.close() };

  /** Loaded here, since it takes long and most runs speak to no engine. */
  async function client() {
    const { Agent, request } = await import("undici");
    const { socketPath, tls } = address;
    // A pull or a wait may say nothing for long; who calls has a time limit of its own.
    connections ??= new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 10_000, ...(socketPath && { socketPath }), ...tls },
    });
    return { request, dispatcher: connections };
  }

  async function send(method: Method, path: string, body: Buffer | string | undefined, type: string) {
    const { request, dispatcher } = await client();
    try {
      const headers = body === undefined ? {} : { "content-type": type };
      return await request(`${address.origin}${path}`, { dispatcher, method, headers, body: body ?? null });
    } catch (cause) {
      throw unreachable(address, cause);
    }
  }

  async function call<Answer>(method: Method, path: string, given?: unknown): Promise<Answer> {
    const { statusCode, body } = await send(
      method,
      path,
      given === undefined ? undefined : JSON.stringify(given),
      "application/json",
    );
    const text = await body.text();
    if (statusCode >= 400) throw new EngineRefusal(statusCode, `${method} ${path}`, messageOf(text));
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  }

  async function find<Answer>(path: string): Promise<Answer | undefined> {
    try {
      return await call<Answer>("GET", path);
    } catch (error) {
      if (error instanceof EngineRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  async function bytes(method: Method, path: string, given?: Buffer): Promise<Readable> {
    const { statusCode, body } = await send(method, path, given, "application/x-tar");
    if (statusCode >= 400) throw new EngineRefusal(statusCode, `${method} ${path}`, messageOf(await body.text()));
    return body;
  }
}

/** @throws DevflowError CONFIG_INVALID for an address that cannot be used */
export function engineAddress(host: string | undefined, env: NodeJS.ProcessEnv): EngineAddress {
  const { host: wanted, from, certificates: own } = chosenEngine(host, env);
  const { protocol, pathname, host: authority } = parse(wanted);
  if (protocol === "unix:") return { from, origin: "http://docker", socketPath: pathname };
  if (protocol === "http:") return { from, origin: `http://${authority}` };
  const secured = protocol === "https:" || own !== undefined || (env.DOCKER_TLS_VERIFY ?? "") !== "";
  if (protocol === "tcp:" || protocol === "https:") {
    if (!secured) return { from, origin: `http://${authority}` };
    return { from, origin: `https://${authority}`, tls: certificates(own ?? folderOf(env)) };
  }
  throw new DevflowError("CONFIG_INVALID", `Docker's engine cannot be reached by ${wanted} (${from}).`, {
    hint: "Use unix:///path/to/docker.sock or tcp://host:2376 with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH. For ssh, forward the socket: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST.",
    docs: "onprem",
  });
}

function parse(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new DevflowError("CONFIG_INVALID", `${address} is no address of a Docker engine.`, {
      hint: "Write it as unix:///var/run/docker.sock or tcp://host:2376.",
      docs: "onprem",
      cause,
    });
  }
}

function folderOf(env: NodeJS.ProcessEnv): string {
  return env.DOCKER_CERT_PATH || join(env.HOME ?? homedir(), ".docker");
}

function certificates(folder: string): NonNullable<EngineAddress["tls"]> {
  try {
    const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => readFileSync(join(folder, name)));
    return { ca, cert, key } as NonNullable<EngineAddress["tls"]>;
  } catch (cause) {
    throw new DevflowError("CONFIG_INVALID", `The certificates for Docker's engine are not in ${folder}.`, {
      hint: "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem.",
      docs: "onprem",
      cause,
    });
  }
}

function unreachable({ origin, socketPath, from }: EngineAddress, cause: unknown): DevflowError {
  const code = (cause as { code?: string }).code ?? "";
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DevflowError(
    "COMPONENT_FAILED",
    `Docker's engine does not answer at ${socketPath ?? origin} (${from}): ${why}.`,
    {
      hint:
        code === "EACCES"
          ? "Your user may not use the socket: add it to the group docker (which is as good as root on that machine), or use rootless Docker."
          : "Start it (systemctl start docker), or name another one by docker.host, DOCKER_HOST or docker context use.",
      docs: "onprem",
      cause,
    },
  );
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text.slice(0, 500);
  }
}
