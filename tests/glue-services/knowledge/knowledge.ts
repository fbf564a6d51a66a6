import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { expect, onTestFinished } from "vitest";
import { type AiGatewayOptions, aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import type { App, Database, Identity, Service } from "../../../glue-services/kit/index.ts";
import { type KnowledgeOptions, knowledge } from "../../../glue-services/knowledge/app.ts";
import { openReader, type Reader } from "../../../glue-services/knowledge/read/reader.ts";
import type { Hit, SearchTold, SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { program } from "../../program.ts";
import { build, person } from "../build.ts";

export interface Person {
  identity: Identity;
  headers: { authorization: string };
}

/** The platform's gateway and knowledge hub, and somebody who uses them. */
export interface Hub {
  app: App;
  owner: pg.Pool;
  url: string;
  database: Database;
  me: Person;
  /** Asks as somebody, and throws for what is no success. */
  ask<Result>(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: object,
    who?: Person,
  ): Promise<Result>;
  /** The same, with whatever came of it. */
  answer(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: object,
    who?: Person,
  ): Promise<{ status: number; body: Answered }>;
  upload(
    name: string,
    body: string | Buffer,
    options?: { media?: string; source?: string; who?: Person },
  ): Promise<SourceTold>;
  /** The source once its reading has ended and all of it is embedded. */
  settled(id: string, who?: Person): Promise<SourceTold>;
  search(q: string, more?: Record<string, string | string[]>, who?: Person): Promise<SearchTold>;
  hits(q: string, more?: Record<string, string | string[]>, who?: Person): Promise<Hit[]>;
}

/** An answer as a test looks at it: any field of it. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at differs from test to test.
export type Answered = any;

export interface HubOptions extends KnowledgeOptions {
  gateway?: AiGatewayOptions;
  services?: readonly Service[];
  database?: { url: string };
  background?: boolean;
}

/** One for all hubs of a test file, since a process takes a second to start; it ends with the file's own process. */
let reader: Reader | undefined;

export async function startHub({
  gateway = {},
  services = [],
  database: at,
  background,
  ...own
}: HubOptions = {}): Promise<Hub> {
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  reader ??= openReader();
  const service = knowledge({ reader, ...own });
  let database: Database | undefined;
  const spied: Service = {
    ...service,
    register(app) {
      database = app.database;
      return service.register(app);
    },
  };
  const { app, owner, url } = await build(
    [projects(), aiGateway({ spool, readKey: async ({ key }) => `value-of-${key}`, ...gateway }), spied, ...services],
    {
      rateLimits: { anonymous: 1e9, known: 1e9, failures: 1e9 },
      ...(at && { database: at }),
      ...(background !== undefined && { background }),
    },
  );
  const me = person();
  const hub: Hub = {
    app,
    owner,
    url: at?.url ?? url,
    database: database as unknown as Database,
    me,
    async answer(method, path, body, who = me) {
      const { statusCode, body: text } = await app.inject({
        method,
        url: `/api/knowledge${path}`,
        headers: who.headers,
        ...(body && { payload: body }),
      });
      return { status: statusCode, body: text === "" ? undefined : JSON.parse(text) };
    },
    async ask(method, path, body, who) {
      const { status, body: told } = await hub.answer(method, path, body, who);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(told)}`);
      return told;
    },
    async upload(name, body, { media = "application/octet-stream", source, who = me } = {}) {
      const query = new URLSearchParams({ name, ...(source && { source }) });
      const { statusCode, body: text } = await app.inject({
        method: "PUT",
        url: `/api/knowledge/files?${query}`,
        headers: { ...who.headers, "content-type": media },
        payload: body,
      });
      if (statusCode !== 202) throw new Error(`${statusCode} ${text}`);
      return JSON.parse(text);
    },
    async settled(id, who) {
      let source: SourceTold | undefined;
      await expect
        .poll(
          async () => {
            source = await hub.ask<SourceTold>("GET", `/sources/${id}`, undefined, who);
            return [source.run?.state === "waiting" || source.run?.state === "running", source.waiting];
          },
          { interval: 50 },
        )
        .toEqual([false, 0]);
      return source as SourceTold;
    },
    search: (q, more = {}, who) => {
      const query = new URLSearchParams({ q });
      for (const [name, value] of Object.entries(more)) for (const one of [value].flat()) query.append(name, one);
      return hub.ask<SearchTold>("GET", `/search?${query}`, undefined, who);
    },
    hits: async (q, more, who) => (await hub.search(q, more, who)).hits,
  };
  return hub;
}

/** The artifacts of local embeddings, as options of the gateway. */
export async function localModel(): Promise<AiGatewayOptions> {
  const [runtime, model] = await Promise.all([program("onnxruntime"), program("multilingual-e5-small")]);
  return { local: { runtime, model } };
}
