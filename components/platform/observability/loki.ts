import { type ComponentResource, interpolate, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import type { BucketOutputs } from "../../primitives/bucket/index.ts";
import { Workload, type WorkloadOutputs } from "../../primitives/workload/index.ts";
import { type Settled, settled } from "../../settled.ts";
import { logLabels } from "./log-reader/configuration.ts";

export interface LokiArgs {
  /** Where chunks go; they stay in the data folder without it. */
  bucket: BucketOutputs | undefined;
  /** How long lines are kept. @example "15d" */
  retention: string;
  /** Most MiB it may take. */
  memory: number;
}

/** Logs of every product, found by label and by text. */
export function loki(name: string, args: LokiArgs, parent: ComponentResource): WorkloadOutputs {
  const { ports, memory } = upstream("loki");
  return new Workload(
    name,
    {
      program: { upstream: "loki" },
      component: "observability",
      data: true,
      losable: "logs are objects; here is what was not written to them yet",
      files: (at) => ({
        "loki.yaml": output({ data: at.data(), bucket: args.bucket && settled(args.bucket) }).apply(
          ({ data, bucket }) => stringify(configuration(data, args.retention, bucket)),
        ),
      }),
      command: (at) => [at.program("bin/loki"), interpolate`-config.file=${at.config("loki.yaml")}`],
      env: () => ({ GOMEMLIMIT: `${Math.floor(args.memory / 2)}MiB` }),
      ports: { http: ports.http as number },
      calls: args.bucket?.doors ?? [],
      health: { http: "/ready", port: "http" },
      // Its ring counts a new member as ready after a while only.
      startTimeout: 120_000,
      stop: { signal: "SIGTERM", deadline: 60_000 },
      memory: memory.expected,
      limits: { memory: args.memory },
    },
    { parent },
  ).outputs;
}

function configuration(data: string, retention: string, bucket: Settled<BucketOutputs> | undefined): object {
  const store = bucket ? "s3" : "filesystem";
  return {
    auth_enabled: false,
    server: { http_listen_port: upstream("loki").ports.http, log_level: "warn" },
    common: {
      instance_addr: "127.0.0.1",
      path_prefix: data,
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
      storage: bucket
        ? { s3: objectStorage(bucket) }
        : { filesystem: { chunks_directory: `${data}/chunks`, rules_directory: `${data}/rules` } },
    },
    schema_config: {
      configs: [
        {
          from: "2026-01-01",
          store: "tsdb",
          object_store: store,
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    limits_config: {
      retention_period: retention,
      allow_structured_metadata: true,
      volume_enabled: true,
      // A reader that comes back after a while brings what was written meanwhile.
      reject_old_samples_max_age: "1w",
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: [...logLabels] }],
        },
      },
    },
    compactor: { working_directory: `${data}/compactor`, retention_enabled: true, delete_request_store: store },
    frontend: { address: "127.0.0.1" },
    analytics: { reporting_enabled: false },
  };
}

/** Without keys it takes the credentials of its pod. */
function objectStorage({ endpoint, region, bucket, accessKey, secretKey }: Settled<BucketOutputs>): object {
  return {
    endpoint,
    region,
    bucketnames: bucket,
    ...(accessKey !== "" && { access_key_id: accessKey, secret_access_key: secretKey }),
    s3forcepathstyle: true,
    insecure: endpoint.startsWith("http:"),
  };
}
