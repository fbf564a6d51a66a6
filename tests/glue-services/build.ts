import { randomUUID } from "node:crypto";
import { request } from "node:http";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { type App, type AppOptions, buildApp, type Identity, type Service } from "../../glue-services/kit/index.ts";
import type { SharedServer } from "./postgres.ts";
import { address, administer, template } from "./template.ts";

export interface Built {
  app: App;
  /** Address of the test's own database, as its owner. */
  url: string;
  /** The owner's pool, to look at what no service may see. */
  owner: pg.Pool;
}

/**
 * An app on a database of its own, cloned from the template; both are gone when the test ends. Without services there is
 * no database. A request is whoever its `authorization` names in `people`.
 *
 * @param options `wait`: milliseconds that a caller waits for a connection. @default the host's
 */
export async function build(
  services: readonly Service[] = [],
  { wait, ...options }: Partial<AppOptions> & { wait?: number } = {},
): Promise<Built> {
  const { url, owner } = await cloneDatabase();
  const app = await buildApp({
    version: "0.0.0-test",
    logLevel: "silent",
    services,
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    database: { url, ...(wait !== undefined && { wait }) },
    ...options,
  });
  onTestFinished(async () => {
    // A client that still listens would hold up the end for as long as a host lets requests in flight take.
    const cutting = setInterval(() => app.server.closeAllConnections(), 20);
    await app.close().finally(() => clearInterval(cutting));
  });
  await app.ready();
  return { app, url, owner };
}

/** The service with so many connections for requests: with one, whoever wants a second one while holding it waits in vain. */
export function withConnections<Of extends Service>(service: Of, requests: number): Of {
  return {
    ...service,
    register(app) {
      if (service.migrations) app.database.pool.options.max = requests;
      return service.register(app);
    },
  };
}

/** Who tests may be: `Bearer <name>`. */
export const people = new Map<string, Identity>();

/** Adds somebody, in an organisation of their own unless one is given. */
export function person(given: Partial<Identity> = {}): { identity: Identity; headers: { authorization: string } } {
  const credential = randomUUID();
  const identity: Identity = {
    person: randomUUID(),
    organisation: randomUUID(),
    roles: [],
    scopes: ["*"],
    via: "key",
    credential,
    ...given,
  };
  const authorization = `Bearer ${credential}`;
  people.set(authorization, identity);
  onTestFinished(() => void people.delete(authorization));
  return { identity, headers: { authorization } };
}

/** A copy of the template, through the log: tests/bench/kit/clone.ts shows that to be the faster way. */
export async function cloneDatabase(): Promise<{ url: string; owner: pg.Pool; name: string; ms: number }> {
  const server = await sharedServer();
  const name = `t_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const begun = performance.now();
  await administer(server, (client) =>
    client.query(`create database ${name} template ${template} strategy wal_log owner platform`),
  );
  const ms = performance.now() - begun;
  const url = address(server, name);
  const owner = new pg.Pool({ connectionString: url, max: 4 });
  owner.on("error", () => {});
  onTestFinished(async () => {
    await owner.end();
    await administer(server, (client) => client.query(`drop database ${name} with (force)`));
  });
  return { url, owner, name, ms };
}

/** Ends a host's connections to its database and lets it make no others, as a server that is full does. */
export async function leaveNoRoom({ owner }: Built): Promise<{ makeRoom(): Promise<void> }> {
  const server = await sharedServer();
  const { rows } = await owner.query<{ name: string }>("select current_database() as name");
  const name = rows[0]?.name;
  const limit = (connections: number) =>
    administer(server, async (client) => {
      await client.query(`alter database ${name} connection limit ${connections}`);
    });
  await limit(0);
  await administer(server, (client) =>
    client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name like 'devflow%'",
      [name],
    ),
  );
  return { makeRoom: () => limit(-1) };
}

let known: Promise<SharedServer> | undefined;

export function sharedServer(): Promise<SharedServer> {
  known ??= new Promise((resolve, reject) => {
    const asking = request({ socketPath: inject("postgres"), path: "/" }, (response) => {
      let body = "";
      response.on("data", (part) => {
        body += part;
      });
      response.on("end", () => (response.statusCode === 200 ? resolve(JSON.parse(body)) : reject(new Error(body))));
    });
    asking.on("error", reject);
    asking.end();
  });
  return known;
}
