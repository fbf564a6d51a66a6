import { type ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { Product } from "../component.ts";
import { Database } from "../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../primitives/route/index.ts";
import { Workload } from "../primitives/workload/index.ts";
import type { PostgresOutputs } from "./postgres.ts";

/** The glue services of this checkout in one process, behind the platform's own address. */
export interface GlueArgs {
  port: number;
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  /** MiB the process may use for JavaScript objects. */
  maxOldSpace: number;
  /** Folder of the runs and socket of the supervisor, for the status page. */
  status: { runs: string; supervisor: string };
}

export interface GlueOutputs {
  /** Address for people. */
  url: Output<string>;
  /** `host:port` behind the proxy. */
  address: Output<string>;
}

export class Glue extends Product<GlueArgs, GlueOutputs> {
  constructor(name: string, args: GlueArgs, options?: ComponentResourceOptions) {
    super("Glue", compose, name, args, options);
  }
}

function compose(name: string, args: GlueArgs, parent: ComponentResource): GlueOutputs {
  const database = new Database(
    "platform",
    { server: args.postgres, name: "platform", extensions: ["vector"] },
    { parent },
  );
  const { host, port, user, password } = database.outputs;
  const service = new Workload(
    name,
    {
      program: { service: "host" },
      data: true,
      files: () => ({ pgpass: interpolate`${host}:${port}:*:${user}:${password}\n` }),
      command: (at) => [
        at.node,
        `--max-old-space-size=${args.maxOldSpace}`,
        "--disable-warning=ExperimentalWarning",
        at.program("glue-services/host/server.ts"),
      ],
      env: (at) => ({
        NODE_ENV: "production",
        HOST: "127.0.0.1",
        PORT: String(args.port),
        PGHOST: host,
        PGPORT: interpolate`${port}`,
        PGUSER: user,
        PGDATABASE: database.outputs.database,
        PGPASSFILE: at.config("pgpass"),
        PUBLIC_URL: routeUrl(args.proxy, ""),
        DEVFLOW_SUPERVISOR_SOCKET: args.status.supervisor,
        DEVFLOW_RUNS: args.status.runs,
        DOCS_DIR: at.program("docs"),
        NODE_COMPILE_CACHE: at.data("compile-cache"),
      }),
      ports: { http: args.port },
      health: { http: "/readyz", port: "http" },
      stop: { signal: "SIGTERM", deadline: 15_000 },
      memory: 110,
      after: [args.postgres.process],
    },
    { parent },
  );
  const address = interpolate`${service.outputs.host}:${service.outputs.ports.http}`;
  const route = new Route(name, { proxy: args.proxy, subdomain: "", upstream: address }, { parent });
  return { url: route.outputs.url, address };
}
