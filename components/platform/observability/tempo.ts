import { type ComponentResource, type Input, interpolate, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import type { BucketOutputs } from "../../primitives/bucket/index.ts";
import type { Door } from "../../primitives/calls.ts";
import { Workload, type WorkloadOutputs } from "../../primitives/workload/index.ts";
import { type Settled, settled } from "../../settled.ts";

export interface TempoArgs {
  /** Where blocks go; they stay in the data folder without it. */
  bucket: BucketOutputs | undefined;
  /** How long traces are kept. @example "15d" */
  retention: string;
  /** Most MiB it may take. */
  memory: number;
  /** Address of Prometheus, which takes what is measured of spans. */
  metrics: { url: Input<string>; door: Door };
}

/** Traces of every product, and what can be measured of them: rates, errors, durations, who calls whom. */
export function tempo(name: string, args: TempoArgs, parent: ComponentResource): WorkloadOutputs {
  const { ports, memory } = upstream("tempo");
  return new Workload(
    name,
    {
      program: { upstream: "tempo" },
      component: "observability",
      data: true,
      losable: "traces are objects; here is what was not written to them yet",
      files: (at) => ({
        "tempo.yaml": output({
          listen: at.listen,
          data: at.data(),
          metrics: args.metrics.url,
          bucket: args.bucket && settled(args.bucket),
        }).apply((values) => stringify(configuration({ ...values, retention: args.retention }))),
      }),
      command: (at) => [at.program("bin/tempo"), interpolate`-config.file=${at.config("tempo.yaml")}`],
      env: () => ({ GOMEMLIMIT: `${Math.floor(args.memory / 2)}MiB` }),
      ports: { http: ports.http as number, "otlp-grpc": ports["otlp-grpc"] as number },
      calls: [args.metrics.door, ...(args.bucket?.doors ?? [])],
      health: { http: "/ready", port: "http" },
      startTimeout: 120_000,
      stop: { signal: "SIGTERM", deadline: 60_000 },
      memory: memory.expected,
      limits: { memory: args.memory },
    },
    { parent },
  ).outputs;
}

interface Values {
  listen: string;
  data: string;
  metrics: string;
  retention: string;
  bucket: Settled<BucketOutputs> | undefined;
}

function configuration({ listen, data, metrics, retention, bucket }: Values): object {
  const { http, grpc, gossip, "otlp-grpc": receiver } = upstream("tempo").ports;
  return {
    server: { http_listen_port: http, grpc_listen_port: grpc, log_level: "warn" },
    distributor: { receivers: { otlp: { protocols: { grpc: { endpoint: `${listen}:${receiver}` } } } } },
    // It is alone: its parts find one another on its own loopback.
    memberlist: { bind_addr: ["127.0.0.1"], bind_port: gossip },
    querier: { frontend_worker: { frontend_address: `127.0.0.1:${grpc}` } },
    backend_worker: { compaction: { block_retention: hours(retention) } },
    storage: {
      trace: {
        wal: { path: `${data}/wal` },
        ...(bucket
          ? { backend: "s3", s3: objectStorage(bucket) }
          : { backend: "local", local: { path: `${data}/blocks` } }),
      },
    },
    metrics_generator: {
      storage: {
        path: `${data}/generator/wal`,
        remote_write: [{ url: `${metrics}/api/v1/write`, send_exemplars: true }],
      },
    },
    overrides: { defaults: { metrics_generator: { processors: ["service-graphs", "span-metrics"] } } },
    usage_report: { reporting_enabled: false },
  };
}

/** Without keys it takes the credentials of its pod. */
function objectStorage({ endpoint, region, bucket, accessKey, secretKey }: Settled<BucketOutputs>): object {
  return {
    bucket,
    endpoint: endpoint.replace(/^https?:\/\//, ""),
    region,
    ...(accessKey !== "" && { access_key: accessKey, secret_key: secretKey }),
    forcepathstyle: true,
    insecure: endpoint.startsWith("http:"),
  };
}

/** Tempo reads Go's durations, which know no days. */
function hours(retention: string): string {
  const unit = { h: 1, d: 24, w: 168, y: 8760 }[retention.slice(-1)] ?? 24;
  return `${Number.parseInt(retention, 10) * unit}h`;
}
