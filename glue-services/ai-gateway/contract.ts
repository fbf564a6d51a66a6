import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Readable } from "node:stream";
import type { App } from "../kit/index.ts";

// What other services may use of the gateway: import this file and nothing else of it.

/** For whom a service calls a model. The organisation's (and project's) budgets, routes and policy hold. */
export interface CallFor {
  organisation: string;
  project?: string | undefined;
  person?: string | undefined;
  /** Name of the glue service; shown with the usage. */
  service: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: Readable;
}

export interface AiGateway {
  /**
   * Sends a request of the OpenAI API to the gateway: `/v1/embeddings`, `/v1/chat/completions`, … An answer that is no
   * success has `{error: {message, type, code}}`. The local model of embeddings is `local/multilingual-e5-small` (384
   * dimensions); the route `embed` is whatever the organisation made of it, at first the same.
   */
  call(caller: CallFor, path: `/v1/${string}`, body: object, signal?: AbortSignal): Promise<Answer>;
  /** A bearer token for a client of one's own, valid for an hour, for this host only unless it shares its secret. */
  token(caller: CallFor): string;
}

/** Channel of the database on which gateways hear that settings, or secrets that they keep in memory, changed. */
export const gatewayChannel = "devflow_ai_gateway";

export const serviceTokenPrefix = "dfi_";
const hour = 3_600_000;
const secrets = new WeakMap<object, Buffer>();

/** The gateway of the host that this app is part of. */
export function aiGatewayOf(app: App): AiGateway {
  return {
    token: (caller) => serviceToken(app, caller),
    async call(caller, path, body, signal) {
      signal?.throwIfAborted();
      const response = await app.inject({
        method: "POST",
        url: path,
        headers: { authorization: `Bearer ${serviceToken(app, caller)}`, "content-type": "application/json" },
        payload: JSON.stringify(body),
        payloadAsStream: true,
      });
      const answer = response.stream();
      // An injected request that is aborted ends in an error that nobody can catch; its answer can be let go of.
      const stop = () => void answer.destroy();
      signal?.addEventListener("abort", stop, { once: true });
      // A job asks many questions under one signal: an answer that has ended leaves nothing there.
      answer.once("close", () => signal?.removeEventListener("abort", stop));
      if (signal?.aborted) stop();
      return { status: response.statusCode, headers: response.headers, body: answer };
    },
  };
}

/** Hosts that share a secret take each other's tokens. @default a secret of this process */
export function useServiceSecret(app: App, secret: Buffer): void {
  secrets.set(app.server, secret);
}

export function readServiceToken(app: App, token: string): CallFor | undefined {
  const [text = "", signature = ""] = token.slice(serviceTokenPrefix.length).split(".");
  const [given, expected] = [Buffer.from(signature, "base64url"), sign(app, text)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { until, ...caller } = JSON.parse(Buffer.from(text, "base64url").toString()) as CallFor & { until: number };
  return until > Date.now() ? caller : undefined;
}

function serviceToken(app: App, { organisation, project, person, service }: CallFor): string {
  const claims = { organisation, project, person, service, until: Date.now() + hour };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${serviceTokenPrefix}${text}.${sign(app, text).toString("base64url")}`;
}

function sign(app: App, text: string): Buffer {
  const secret = secrets.get(app.server) ?? randomBytes(32);
  secrets.set(app.server, secret);
  return createHmac("sha256", secret).update(`ai-gateway ${text}`).digest();
}
