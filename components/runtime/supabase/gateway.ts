import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { all, interpolate, type Output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { part, partName, type Surrounding } from "./part.ts";
import { type GatewayRoute, gatewayRoutes } from "./routes.ts";

/** In which the gateway tells its parts the address of a client, whatever the client itself says in it. */
export const clientAddressHeader = "X-Client-Address";

const filter = readFileSync(new URL("./keys.lua", import.meta.url), "utf8");

/** The one door to all parts, by Envoy: keys are checked here, and turned into tokens that the parts verify. */
export function gateway(around: Surrounding, password: Output<string>) {
  const { keys } = around;
  const { ports, memory } = upstream("envoy");
  return part("gateway", around, {
    steady: true,
    program: { upstream: "envoy" },
    files: (at) => ({
      "envoy.yaml": all([keys.publishable, keys.secret, keys.anonToken, keys.serviceToken, password]).apply(
        ([publishable, secret, anonToken, serviceToken, studioPassword]) =>
          stringify(
            gatewayConfiguration({
              ...{ listen: at.listen, publishable, secret, anonToken, serviceToken, password: studioPassword },
              addresses: addresses(),
            }),
          ),
      ),
    }),
    command: (at) => [
      at.program("bin/envoy"),
      ...["--disable-hot-restart", "--log-level", "warning", "-c"],
      interpolate`${at.config("envoy.yaml")}`,
    ],
    replicas: "several",
    ports: { http: ports.http as number, admin: ports.admin as number },
    calls: Object.values(addresses()).map(({ host, port }) => ({ workload: host, port })),
    health: { http: "/ready", port: "admin" },
    stop: { signal: "SIGTERM", deadline: 15_000 },
    memory: memory.expected,
    limits: { memory: memory.expected * 4 },
  });
}

/** Where the parts are. */
function addresses(): Record<string, { host: string; port: number }> {
  const of = (name: string, program: string) => ({
    host: workloadHost(partName(name)),
    port: upstream(program).ports.http as number,
  });
  return {
    auth: of("auth", "supabase-auth"),
    rest: of("rest", "postgrest"),
    realtime: of("realtime", "supabase-realtime"),
    storage: of("storage", "supabase-storage"),
    functions: of("functions", "edge-runtime"),
    meta: of("meta", "postgres-meta"),
    studio: of("studio", "supabase-studio"),
  };
}

export interface GatewayValues {
  listen: string;
  publishable: string;
  secret: string;
  anonToken: string;
  serviceToken: string;
  /** Of the account `admin` of Studio. */
  password: string;
  addresses: Record<string, { host: string; port: number }>;
}

const type = (name: string) => `type.googleapis.com/envoy.${name}`;

/** Envoy's own configuration, all of it static. */
export function gatewayConfiguration(values: GatewayValues): object {
  const { ports } = upstream("envoy");
  const inner = (ports.admin as number) + 1;
  return {
    // It may end the process, so it is asked through a listener that passes on what only reads.
    admin: { address: socket("127.0.0.1", inner) },
    static_resources: {
      listeners: [
        listener("api", values.listen, ports.http as number, {
          upgrade_configs: [{ upgrade_type: "websocket" }],
          http_filters: filters(values),
          route_config: {
            virtual_hosts: [
              {
                name: "runtime",
                domains: ["*"],
                routes: gatewayRoutes.map(route),
                typed_per_filter_config: { "envoy.filters.http.cors": anyOrigin },
              },
            ],
          },
        }),
        listener("status", values.listen, ports.admin as number, {
          http_filters: [router],
          route_config: {
            virtual_hosts: [
              {
                name: "status",
                domains: ["*"],
                routes: [
                  { match: { path: "/ready" }, route: { cluster: "admin" } },
                  { match: { path: "/metrics" }, route: { cluster: "admin", prefix_rewrite: "/stats/prometheus" } },
                ],
              },
            ],
          },
        }),
      ],
      clusters: [
        ...Object.entries(values.addresses).map(([name, { host, port }]) => cluster(name, host, port)),
        cluster("admin", "127.0.0.1", inner),
      ],
    },
  };
}

function filters({ publishable, secret, anonToken, serviceToken, password }: GatewayValues): object[] {
  const anon = `{ token = ${lua(anonToken)}, role = "anon" }`;
  const service = `{ token = ${lua(serviceToken)}, role = "service_role" }`;
  const keys = [
    [publishable, anon],
    [anonToken, anon],
    [secret, service],
    [serviceToken, service],
  ].map(([key = "", value]) => `[${lua(key)}] = ${value}`);
  const digest = createHash("sha1").update(password).digest("base64");
  return [
    named("cors", "cors.v3.Cors", {}),
    named("basic_auth", "basic_auth.v3.BasicAuth", { users: { inline_string: `admin:{SHA}${digest}` } }),
    named("lua", "lua.v3.Lua", {
      default_source_code: { inline_string: `local KEYS = { ${keys.join(", ")} }\n${filter}` },
    }),
    router,
  ];
}

function route({ prefix, access, to, rewrite, timeout = 30, host, headers = {} }: GatewayRoute): object {
  return {
    match: { prefix },
    metadata: { filter_metadata: { "envoy.filters.http.lua": { access } } },
    ...(to === undefined
      ? { direct_response: { status: 403 } }
      : {
          route: {
            cluster: to,
            timeout: `${timeout}s`,
            ...(rewrite !== undefined && { prefix_rewrite: rewrite }),
            ...(host !== undefined && { host_rewrite_literal: host }),
          },
        }),
    request_headers_to_add: Object.entries({
      "X-Forwarded-Prefix": prefix.replace(/\/$/, "") || "/",
      // The last entry of X-Forwarded-For, which is the one that the front door wrote.
      [clientAddressHeader]: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
      ...headers,
    }).map(([key, value]) => ({ header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" })),
    ...(access !== "password" && {
      typed_per_filter_config: {
        "envoy.filters.http.basic_auth": { "@type": type("config.route.v3.FilterConfig"), disabled: true },
      },
    }),
  };
}

function listener(name: string, host: string, port: number, connection: object): object {
  return {
    name,
    address: socket(host, port),
    per_connection_buffer_limit_bytes: 32768,
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
              stat_prefix: name,
              normalize_path: true,
              merge_slashes: true,
              path_with_escaped_slashes_action: "REJECT_REQUEST",
              common_http_protocol_options: { headers_with_underscores_action: "REJECT_REQUEST" },
              // The platform's proxy stands before it and says who called.
              use_remote_address: true,
              xff_num_trusted_hops: 1,
              ...connection,
            },
          },
        ],
      },
    ],
  };
}

function cluster(name: string, host: string, port: number): object {
  return {
    name,
    type: "STRICT_DNS",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(host, port) } }] }],
    },
  };
}

function socket(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}

function named(name: string, message: string, config: object): object {
  return {
    name: `envoy.filters.http.${name}`,
    typed_config: { "@type": type(`extensions.filters.http.${message}`), ...config },
  };
}

const router = named("router", "router.v3.Router", {});

const anyOrigin = {
  "@type": type("extensions.filters.http.cors.v3.CorsPolicy"),
  allow_origin_string_match: [{ safe_regex: { regex: ".*" } }],
  allow_methods: "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS",
  allow_headers: "*",
  expose_headers: "*",
  max_age: "3600",
};

/** A text of Lua: keys and tokens have letters, digits, dashes, underscores and dots only. */
function lua(value: string): string {
  return `"${value.replaceAll(/[^A-Za-z0-9_.-]/g, "")}"`;
}
