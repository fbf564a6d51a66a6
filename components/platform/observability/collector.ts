import { all, type ComponentResource, type Input, interpolate, type Output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import type { Door } from "../../primitives/calls.ts";
import { Workload, type WorkloadOutputs } from "../../primitives/workload/index.ts";
import type { Signals } from "../signals.ts";

export interface CollectorArgs {
  /** What to measure from outside. */
  databases: Record<string, MeasuredDatabase>;
  probes: Required<Signals>["probes"];
  /** Where it all goes. */
  exports: Exports;
  /** Most MiB it may take. */
  memory: number;
  /** The doors of all of these. */
  calls: Door[];
}

/** How to measure a PostgreSQL server: as a role that may read its statistics and nothing else. */
export interface MeasuredDatabase {
  host: Input<string>;
  port: Input<number>;
  user: Input<string>;
  password: Input<string>;
  /** Whether it takes encrypted connections only. */
  tls: Input<boolean>;
}

/** Addresses of the three stores. */
export interface Exports {
  metrics: Input<string>;
  logs: Input<string>;
  /** `host:port`, OTLP over gRPC. */
  traces: Input<string>;
}

/** The one address that programs send traces, logs and measurements to, and what measures those that send none. */
export function collector(name: string, args: CollectorArgs, parent: ComponentResource): WorkloadOutputs {
  const { ports, memory } = upstream("otel-collector");
  return new Workload(
    name,
    {
      program: { upstream: "otel-collector" },
      component: "observability",
      files: (at) => ({ "collector.yaml": render(at.listen, args) }),
      command: (at) => [at.program("bin/otelcol"), interpolate`--config=${at.config("collector.yaml")}`],
      env: () => ({ GOMEMLIMIT: `${Math.floor(args.memory / 2)}MiB` }),
      replicas: "several",
      ports: {
        "otlp-grpc": ports["otlp-grpc"] as number,
        "otlp-http": ports["otlp-http"] as number,
        health: ports.health as number,
        metrics: ports.metrics as number,
      },
      calls: args.calls,
      health: { http: "/ready", port: "health" },
      memory: memory.expected,
      limits: { memory: args.memory },
    },
    { parent },
  ).outputs;
}

function render(listen: string, { databases, probes, exports, memory }: CollectorArgs): Output<string> {
  return all([all(databases), all(probes), all([exports.metrics, exports.logs, exports.traces])]).apply(
    ([measured, asked, [metrics, logs, traces]]) =>
      stringify(
        collectorConfiguration({
          ...{ listen, memory, databases: measured, probes: asked },
          exports: { metrics, logs, traces },
        }),
      ),
  );
}

export interface CollectorValues {
  listen: string;
  /** Most MiB it may take. */
  memory: number;
  databases: Record<
    string,
    { [Key in keyof MeasuredDatabase]: MeasuredDatabase[Key] extends Input<infer Value> ? Value : never }
  >;
  probes: Record<string, string>;
  exports: { metrics: string; logs: string; traces: string };
}

/** The collector's configuration for these products. */
export function collectorConfiguration({ listen, memory, databases, probes, exports }: CollectorValues): object {
  const ports = upstream("otel-collector").ports;
  const measured = Object.fromEntries(
    Object.entries(databases).map(([name, { host, port, user, password, tls }]) => [
      `postgresql/${name}`,
      {
        endpoint: `${host}:${port}`,
        username: user,
        // A dollar sign would begin one of the collector's own variables.
        password: String(password).replaceAll("$", "$$$$"),
        collection_interval: "30s",
        // Encrypted where it must be, by a certificate of no authority that programs know.
        tls: tls ? { insecure_skip_verify: true } : { insecure: true },
      },
    ]),
  );
  const targets = Object.values(probes).map((endpoint) => ({ endpoint, method: "GET" }));
  const asked = targets.length > 0 ? { httpcheck: { collection_interval: "30s", targets } } : {};
  return {
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: `${listen}:${ports["otlp-grpc"]}` },
          http: { endpoint: `${listen}:${ports["otlp-http"]}` },
        },
      },
      ...measured,
      ...asked,
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: Math.floor(memory * 0.75) },
      batch: {},
      ...Object.fromEntries(Object.keys(databases).map((name) => [`resource/${name}`, named(name)])),
    },
    exporters: {
      "otlp_http/metrics": { endpoint: `${exports.metrics}/api/v1/otlp` },
      "otlp_http/logs": { endpoint: `${exports.logs}/otlp` },
      "otlp_grpc/traces": { endpoint: exports.traces, tls: { insecure: true } },
    },
    extensions: { health_check: { endpoint: `${listen}:${ports.health}`, path: "/ready" } },
    service: {
      extensions: ["health_check"],
      telemetry: {
        logs: { level: "warn" },
        metrics: {
          // Named as everything else that counts, and as the readers' own that come by OTLP.
          readers: [
            { pull: { exporter: { prometheus: { host: listen, port: ports.metrics, without_type_suffix: false } } } },
          ],
        },
      },
      pipelines: {
        traces: pipeline(["otlp"], "otlp_grpc/traces"),
        logs: pipeline(["otlp"], "otlp_http/logs"),
        metrics: pipeline(["otlp", ...Object.keys(asked)], "otlp_http/metrics"),
        ...Object.fromEntries(
          Object.keys(databases).map((name) => [
            `metrics/${name}`,
            pipeline([`postgresql/${name}`], "otlp_http/metrics", [`resource/${name}`]),
          ]),
        ),
      },
    },
  };
}

/** Which of the servers a measurement is of: all of them are called by the same names otherwise. */
function named(name: string): object {
  return { attributes: [{ key: "service.name", value: name, action: "upsert" }] };
}

function pipeline(receivers: string[], exporter: string, own: string[] = []): object {
  return { receivers, processors: ["memory_limiter", ...own, "batch"], exporters: [exporter] };
}
