import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { declarations } from "../../../glue-services/declared.ts";
import { readEnvironment } from "../../../glue-services/host/environment.ts";
import { offerOf } from "../../../glue-services/host/host.ts";
import { openServices, verifierOf } from "../../../glue-services/host/services.ts";
import { feedPath } from "../../../glue-services/kit/feed/routes.ts";
import type { App, RouteAuth, Service } from "../../../glue-services/kit/index.ts";
import { build, withConnections } from "../build.ts";
import { configuration } from "../host/configuration.ts";
import { origin, type Platform, platformOf, secret } from "../identity/platform.ts";
import { notes } from "../notes/notes.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One route of one service, as it was registered. */
export interface Route {
  service: string;
  method: Method;
  url: string;
  auth: RouteAuth;
  schema: { params?: unknown; body?: unknown; querystring?: unknown };
}

export interface Everything extends Platform {
  routes: Route[];
  /** Names of the schemas of services that have a database. */
  schemas: string[];
}

interface EveryOptions {
  /** Connections of each service for requests. @default as the host has it */
  requests?: number;
  /** Milliseconds to wait for a connection. @default as the host has it */
  wait?: number;
  /** Takes the log's lines about requests that failed. @default nobody does */
  faults?: (line: string) => void;
}

/**
 * Every service that the host can mount, as the host mounts it, and every route that any of them registers.
 */
export async function everyService({ requests, wait, faults }: EveryOptions = {}): Promise<Everything> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-every-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const env = readEnvironment({
    PGHOST: "given by the test",
    PUBLIC_URL: origin,
    SERVICES_CONFIG: await configuration({
      resources: {
        signOn: { secret },
        dataFolder: folder,
        runs: folder,
        masterKeys: await file("master.key", `${"A".repeat(43)}\n`),
        platformSecrets: {
          file: await file("platform.env", "PLANTED_PLATFORM=planted-of-the-platform\n"),
          index: await file("index.json", JSON.stringify({ "planted/generated": { since: null, overlap: false } })),
        },
      },
    }),
  });
  const services = [...(await openServices("all", await offerOf(env), declarations)).services, notes];
  const routes: Route[] = [];
  const verify = verifierOf(services);
  const limits = { anonymous: 1e6, known: 1e6, failures: 1e6 };
  const logging = faults && ({ logLevel: "error", logStream: { write: faults } } as const);
  const built = await build(
    services.map(requests === undefined ? watched(routes) : (one) => watched(routes)(withConnections(one, requests))),
    { ...(verify && { verify }), rateLimits: limits, ...(wait !== undefined && { wait }), ...logging },
  );
  routes.push(...ofTheKit(built.app, routes));
  const schemas = services.filter(({ migrations }) => migrations).map(({ name }) => name);
  return { ...platformOf(built), routes, schemas };
}

function watched(routes: Route[]) {
  return (service: Service): Service => ({
    ...service,
    register(app) {
      app.addHook("onRoute", ({ method, url, auth, schema = {} }) => {
        for (const one of [method].flat()) {
          if (["HEAD", "OPTIONS", "TRACE", "CONNECT"].includes(one)) continue;
          routes.push({ service: service.name, method: one as Method, url, auth: auth as RouteAuth, schema });
        }
      });
      return service.register(app);
    },
  });
}

/** What the kit itself registers, from the description: it is there before any service is. */
function ofTheKit(app: App, known: readonly Route[]): Route[] {
  const { paths = {} } = app.swagger() as { paths?: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security }]) => {
      const route = { method: method.toUpperCase() as Method, url: path.replace(/\{(\w+)\}/g, ":$1") };
      if (known.some(({ method, url }) => method === route.method && url === route.url)) return [];
      const all: RouteAuth = forEverybody.includes(route.url) ? {} : { role: "platform-administrator" };
      const auth: RouteAuth = security ? all : "public";
      return [{ service: "kit", ...route, auth, schema: {} }];
    }),
  );
}

/** The overview, one's own dismissal of its steps, and the search: each service leaves out what one may not see. */
const forEverybody = [feedPath, `${feedPath}/steps`, "/api/platform/find"];

interface Operation {
  security?: object[];
}
