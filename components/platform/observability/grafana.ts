import { all, type ComponentResource, type Input, interpolate, type Output } from "@pulumi/pulumi";
import { portSuffix } from "../../address.ts";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { type Door, doorAt } from "../../primitives/calls.ts";
import { credential } from "../../primitives/credential/index.ts";
import { Database } from "../../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../../primitives/route/index.ts";
import { mostProcesses } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { GrafanaDashboard, GrafanaDataSource } from "../../provider/wiring.ts";
import { type Settled, settled } from "../../settled.ts";
import type { ClientSignOn } from "../glue.ts";
import type { PostgresOutputs } from "../postgres/index.ts";
import type { Dashboard } from "./dashboards.ts";
import { dataSources } from "./data-sources.ts";

export interface GrafanaArgs {
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  signOn: ClientSignOn;
  /** Addresses of what it shows. */
  stores: { metrics: Input<string>; logs: Input<string>; traces: Input<string> };
  /** The doors of these. */
  calls: Door[];
  /** Most connections to its database, of all of its processes together. */
  connections: number;
  /** By uid. */
  dashboards: Record<string, Dashboard>;
}

/** Dashboards for people, who come by the platform's sign-in. It keeps nothing on disk: its database is PostgreSQL. */
export function grafana(name: string, args: GrafanaArgs, parent: ComponentResource): { url: Output<string> } {
  const { ports, memory } = upstream("grafana");
  const database = new Database(
    name,
    { server: args.postgres, name: "grafana", connections: args.connections },
    { parent },
  );
  const password = credential("observability/administrator", { parent, length: 32, alphabet: "alphanumeric" });
  const secretKey = credential("observability/secret-key", { parent });
  const connections = Math.floor(args.connections / mostProcesses());
  const url = routeUrl(args.proxy, "dashboards");
  const server = new Workload(
    name,
    {
      program: { upstream: "grafana" },
      steady: true,
      component: "observability",
      files: () => ({
        "grafana.ini": all([settled(database.outputs), settled(args.signOn), password, secretKey]).apply(
          ([own, signOn, administrator, key]) =>
            configuration({ ...{ url, signOn, administrator, key }, database: own, connections }),
        ),
      }),
      env: (at) => ({ GF_PATHS_CONFIG: at.config("grafana.ini"), GOMEMLIMIT: `${memory.expected * 2}MiB` }),
      replicas: "several",
      ports: { http: ports.http as number },
      health: { http: "/api/health", port: "http" },
      // The first start makes its tables, some hundred migrations one after another.
      startTimeout: 180_000,
      memory: memory.expected,
      limits: { memory: memory.expected * 3 },
      calls: [database.outputs.door, ...args.calls, doorAt(args.signOn.tokenUrl)],
      after: [args.postgres.process],
    },
    { parent },
  );
  const address = interpolate`${server.outputs.host}:${server.outputs.ports.http}`;
  provision();
  const to = { workload: name, port: ports.http as number };
  const route = new Route(name, { proxy: args.proxy, subdomain: "dashboards", to, upstream: address }, { parent });
  return { url: route.outputs.url };

  function provision() {
    const api = { url: interpolate`http://${address}`, reach: server.outputs.reach, component: "observability" };
    const access = { api, user: administrator, password };
    const sources = Object.entries(dataSources(args.stores)).map(([uid, source]) =>
      child(GrafanaDataSource, uid, { server: access, uid, ...source }, parent, undefined, { dependsOn: server }),
    );
    for (const [uid, model] of Object.entries(args.dashboards)) {
      const given = { server: access, uid, folder: { uid: "devflow", title: "DevFlow" }, model };
      child(GrafanaDashboard, uid, given, parent, undefined, { dependsOn: sources });
    }
  }
}

/** The account that DevFlow keeps for itself. */
const administrator = "devflow";

interface Values {
  url: string;
  database: Settled<Database["outputs"]>;
  signOn: Settled<ClientSignOn>;
  administrator: string;
  key: string;
  connections: number;
}

function configuration({ url, database, signOn, administrator: password, key, connections }: Values): string {
  return `[server]
http_port = ${upstream("grafana").ports.http}
root_url = ${url}/
enforce_domain = false

[paths]
data = /tmp/grafana
plugins = /tmp/grafana/plugins

[database]
type = postgres
host = ${database.host}:${database.port}
name = ${database.database}
user = ${database.user}
password = """${database.password}"""
ssl_mode = ${database.sslMode}
max_open_conn = ${connections}

[security]
admin_user = ${administrator}
admin_password = ${password}
secret_key = ${key}
cookie_secure = ${url.startsWith("https:")}
disable_gravatar = true

[users]
allow_sign_up = false
viewers_can_edit = true

[auth]
# Cookies know no ports: each stack on a machine has a name of its own.
login_cookie_name = grafana_session${portSuffix(url)}
disable_login_form = true
oauth_allow_insecure_email_lookup = false

[auth.generic_oauth]
enabled = true
name = DevFlow
auto_login = true
allow_sign_up = true
client_id = ${signOn.clientId}
client_secret = """${signOn.clientSecret}"""
scopes = openid profile email groups
use_pkce = true
auth_url = ${signOn.authorizeUrl}
token_url = ${signOn.tokenUrl}
api_url = ${signOn.userinfoUrl}
login_attribute_path = preferred_username
role_attribute_path = contains(groups[*], '${signOn.administrators}') && 'Admin' || 'Viewer'

[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false

[news]
news_feed_enabled = false

[plugins]
preinstall_disabled = true
public_key_retrieval_disabled = true

[metrics]
enabled = true

[log]
mode = console
level = warn
`;
}
