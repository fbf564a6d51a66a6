import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import type pg from "pg";
import { onTestFinished } from "vitest";
import { type AiGatewayOptions, aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import type { App, Identity, Service } from "../../../glue-services/kit/index.ts";
import { program } from "../../program.ts";
import { build, person } from "../build.ts";

/** An answer as a test looks at it: any field of it. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at differs from test to test.
export type Posted = any;

export interface Rig {
  app: App;
  /** Address of the platform. */
  url: string;
  owner: pg.Pool;
  database: string;
  /** Who administers the organisation. */
  admin: { identity: Identity; headers: { authorization: string } };
  /** Makes a virtual key of the organisation. */
  key(more?: object): Promise<string>;
  /** A client as programs use it. */
  openai(key: string): OpenAI;
  /** Asks the gateway's own interface; throws for what is no success. */
  ask<Result>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<Result>;
  /** Posts to `/v1…` and answers status and body. */
  post(key: string, path: string, body: object | string): Promise<{ status: number; body: Posted; headers: Headers }>;
  /** Rows of usage, once they are in the database. */
  usage(count: number): Promise<Record<string, unknown>[]>;
  spool: string;
}

/** A platform with a gateway that listens, and an organisation. */
export async function startGateway(options: AiGatewayOptions & { services?: readonly Service[] } = {}): Promise<Rig> {
  const spool = options.spool ?? (await mkdtemp(join(tmpdir(), "devflow-spool-")));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  const { services = [], ...own } = options;
  const service = aiGateway({ spool, readKey: async ({ key }) => `value-of-${key}`, ...own });
  const { app, owner, url: database } = await build([...services, service]);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const admin = person();
  const rig: Rig = {
    app,
    url,
    owner,
    database,
    admin,
    spool,
    key: async (more = {}) => (await rig.ask<{ key: string }>("POST", "/keys", { name: "test", ...more })).key,
    openai: (apiKey) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }),
    async ask(method, path, body) {
      const answer = await app.inject({
        method,
        url: `/api/ai${path}`,
        headers: admin.headers,
        ...(body && { payload: body }),
      });
      if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${answer.body}`);
      return (answer.body === "" ? undefined : answer.json()) as never;
    },
    async post(key, path, body) {
      const answer = await fetch(`${url}/v1${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json");
      return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers };
    },
    async usage(count) {
      for (;;) {
        const { rows } = await owner.query("select * from ai_gateway.usage order by id");
        if (rows.length >= count) return rows;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
  return rig;
}

/** A provider of the platform at this address. */
export function provider(url: string, more: object = {}) {
  return { name: "mock", kind: "openai-compatible" as const, baseUrl: url, key: "MOCK_KEY", ...more };
}

/** The artifacts of local embeddings. */
export async function localFiles() {
  const [runtime, model] = await Promise.all([program("onnxruntime"), program("multilingual-e5-small")]);
  return { runtime, model };
}

export const question = [{ role: "user" as const, content: "Say hello." }];
