import {
  type ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  output,
} from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child, Product } from "../../component.ts";
import { type Door, doorAt } from "../../primitives/calls.ts";
import { credential } from "../../primitives/credential/index.ts";
import { Database } from "../../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../../primitives/route/index.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { GlitchtipProject } from "../../provider/wiring.ts";
import { environmentFile, withEnvironment } from "../../runtime/supabase/environment.ts";
import type { Copies } from "../backups/copies.ts";
import type { PostgresOutputs } from "../postgres/index.ts";
import type { Signals } from "../signals.ts";

/** Errors of people's apps, by Sentry's protocol, on GlitchTip: one container on the platform's PostgreSQL. */
export interface GlitchtipArgs {
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  /** Most connections to its database: no setting of its own bounds them. */
  connections: number;
  /** Most MiB it may take. */
  limit: number;
  /** Name of the organisation that gets a project for its apps. */
  organisation: string;
  /** Address of the first administrator, who can sign in there. */
  administrator: string;
  /** `smtp://host:port`; without it mail is written to the log. */
  mail: string | undefined;
}

export interface GlitchtipOutputs {
  /** Address for people and for apps. */
  url: Output<string>;
  /** Of the account of the first administrator. Marked secret. */
  administratorPassword: Output<string>;
  /** What people's apps send their errors by, from anywhere. */
  dsn: Output<string>;
  /** The same for the runtime's functions, by the address inside of the stack, which is this door. */
  functionsDsn: Output<string>;
  door: Door;
  /** Uploaded source maps; the rest is in its database. */
  copies: Copies;
}

export class Glitchtip extends Product<GlitchtipArgs, GlitchtipOutputs> {
  constructor(name: string, args: GlitchtipArgs, options?: ComponentResourceOptions) {
    super("Glitchtip", compose, name, args, options);
  }
}

function compose(name: string, args: GlitchtipArgs, parent: ComponentResource): GlitchtipOutputs {
  const { ports, memory } = upstream("glitchtip");
  const database = new Database(
    name,
    { server: args.postgres, name: "glitchtip", connections: args.connections },
    { parent },
  ).outputs;
  const password = credential("errors/administrator", { parent, length: 24, alphabet: "alphanumeric" });
  const url = routeUrl(args.proxy, "errors");
  const server = new Workload(
    name,
    {
      program: { upstream: "glitchtip" },
      data: true,
      files: () => ({
        "secrets.env": environmentFile({
          SECRET_KEY: credential("errors/secret-key", { parent, length: 64 }),
          DATABASE_URL: interpolate`postgres://${database.user}:${database.password}@${database.host}:${database.port}/${database.database}`,
          DJANGO_SUPERUSER_PASSWORD: password,
        }),
        "start.sh": start,
      }),
      command: (at) => withEnvironment(at.config("secrets.env"), 'exec /bin/sh "$DEVFLOW_CONFIG/start.sh"'),
      env: (at) => ({
        DEVFLOW_CONFIG: at.config(),
        SERVER_ROLE: "all_in_one",
        PORT: String(ports.http),
        GLITCHTIP_DOMAIN: url,
        // It answers to nobody else but its own name, and the proxy and the collector ask by this one.
        ALLOWED_HOSTS: `${new URL(url).hostname},${workloadHost(name)},127.0.0.1,localhost`,
        VALKEY_URL: "",
        ENABLE_USER_REGISTRATION: "False",
        ENABLE_ORGANIZATION_CREATION: "False",
        // Its page of measurements would be open to everybody who can open the tracker.
        ENABLE_OBSERVABILITY_API: "False",
        GLITCHTIP_MAX_EVENT_LIFE_DAYS: "90",
        DEFAULT_FROM_EMAIL: args.administrator,
        EMAIL_URL: args.mail ?? "consolemail://",
        DJANGO_SUPERUSER_EMAIL: args.administrator,
        HOME: "/tmp",
      }),
      ports: { http: ports.http as number },
      health: { http: "/_health/", port: "http" },
      // The first start migrates its database.
      startTimeout: 300_000,
      stop: { signal: "SIGTERM", deadline: 30_000 },
      memory: memory.expected,
      limits: { memory: args.limit },
      calls: [database.door, ...(args.mail === undefined ? [] : [doorAt(args.mail)])],
      after: [args.postgres.process],
    },
    { parent },
  );
  const address = interpolate`${server.outputs.host}:${server.outputs.ports.http}`;
  const door = { workload: name, port: ports.http as number };
  const route = new Route(name, { proxy: args.proxy, subdomain: "errors", to: door, upstream: address }, { parent });
  const apps = project("Apps", undefined, []);
  // One after the other: both would make the organisation.
  const functions = project("Functions", "javascript", [apps]);
  return {
    ...{ url: route.outputs.url, administratorPassword: password, dsn: apps.dsn, door },
    copies: { [name]: { kind: "folder", process: server.outputs.name, workload: name, upstream: "glitchtip" } },
    functionsDsn: output([functions.dsn, address]).apply(([dsn = "", inside = ""]) => fromInside(dsn, inside)),
  };

  function project(title: string, platform: string | undefined, after: GlitchtipProject[]): GlitchtipProject {
    const api = { url: interpolate`http://${address}`, reach: server.outputs.reach, component: name };
    const access = { api, email: args.administrator, password };
    const given = { server: access, organisation: args.organisation, project: title, ...(platform && { platform }) };
    const options = { dependsOn: [server, ...after] };
    return child(GlitchtipProject, `${name}-${title.toLowerCase()}`, given, parent, undefined, options);
  }
}

/** The public address may be one that no container can look up. */
function fromInside(dsn: string, address: string): string {
  const { username, pathname } = new URL(dsn);
  return `http://${username}@${address}${pathname}`;
}

/** A superuser that is there already makes the second command fail, which is fine. */
const start = `set -eu
cd /code
./manage.py migrate --noinput
./manage.py createsuperuser --noinput 2> /dev/null || true
exec ./bin/run-all-in-one.sh
`;

/** Named after the workload, as every other. */
export function errorSignals(name: string): Signals {
  const address = `${workloadHost(name)}:${upstream("glitchtip").ports.http}`;
  return { probes: { [name]: `http://${address}/_health/` } };
}
