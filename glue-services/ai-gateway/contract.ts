import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type App, contract } from "../kit/index.ts";
import { type Answer, askGatewayAt } from "./ask.ts";
import type { ServiceClient } from "./client.ts";

// What other services may use of the gateway: import this file and nothing else of it.

/** For whom a service calls a model. The organisation's (and project's) budgets, routes and policy hold. */
export interface CallFor {
  organisation: string;
  project?: string | undefined;
  person?: string | undefined;
  /** Name of the glue service; shown with the usage. */
  service: string;
}

export type { Answer, ServiceClient };

export interface AiGateway {
  /**
   * Sends a request of the OpenAI API to the gateway: `/v1/embeddings`, `/v1/chat/completions`, … An answer that is no
   * success has `{error: {message, type, code}}`. The local model of embeddings is `local/multilingual-e5-small` (384
   * dimensions); the route `embed` is whatever the organisation made of it, at first the same.
   */
  call(caller: CallFor, path: `/v1/${string}`, body: object, signal?: AbortSignal): Promise<Answer>;
  /** OpenAI's own client with its streams and errors, for chats; what OpenAI's API has no field for goes by `call`. */
  openai(caller: CallFor): Promise<ServiceClient>;
  /** A bearer token for a client of one's own, valid for an hour at every host that has peers; without any, at this one. */
  token(caller: CallFor): string;
}

/** The gateway has APIs that the whole world knows, in place of calls of its own: `aiGatewayOf` speaks them. */
export const aiGatewayContract = contract("ai-gateway", {});

/** Channel of the database on which gateways hear that settings, or secrets that they keep in memory, changed. */
export const gatewayChannel = "devflow_ai_gateway";

export const serviceTokenPrefix = "dfi_";
const hour = 3_600_000;
const own = new WeakMap<object, Buffer>();

/** The gateway, at whichever host of the stack it runs. */
export function aiGatewayOf(app: App): AiGateway {
  return {
    token: (caller) => serviceToken(app, caller),
    openai: async (caller) => (await import("./client.ts")).openaiOf(app, serviceToken(app, caller)),
    call: (caller, path, body, signal) =>
      askGatewayAt(app, {
        method: "POST",
        path,
        headers: { authorization: `Bearer ${serviceToken(app, caller)}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal,
      }),
  };
}

export function readServiceToken(app: App, token: string): CallFor | undefined {
  const [text = "", signature = ""] = token.slice(serviceTokenPrefix.length).split(".");
  const given = Buffer.from(signature, "base64url");
  if (!keysOf(app).some((key) => same(given, sign(key, text)))) return undefined;
  const { until, ...caller } = JSON.parse(Buffer.from(text, "base64url").toString()) as CallFor & { until: number };
  return until > Date.now() ? caller : undefined;
}

function serviceToken(app: App, { organisation, project, person, service }: CallFor): string {
  const claims = { organisation, project, person, service, until: Date.now() + hour };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${serviceTokenPrefix}${text}.${sign(keysOf(app)[0], text).toString("base64url")}`;
}

/** What the hosts of the stack share, the current one first; a host that shares none has one of its own. */
function keysOf(app: App): readonly [Buffer, ...Buffer[]] {
  const [current = own.get(app.server) ?? randomBytes(32), ...former] = app.peers.keys;
  own.set(app.server, current);
  return [current, ...former];
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(`ai-gateway ${text}`).digest();
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
