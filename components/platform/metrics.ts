import { all, type ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../catalogue/index.ts";
import { Product } from "../component.ts";
import { type Door, doorAt } from "../primitives/calls.ts";
import { Workload } from "../primitives/workload/index.ts";
import { alertRules } from "./alerts.ts";
import type { ScrapeTarget } from "./signals.ts";
import { volumeAttributes } from "./volume-watch/configuration.ts";

/** Metrics of every component, in Prometheus. */
export interface MetricsArgs {
  port: number;
  /** How long samples are kept, as Prometheus writes durations. @example "15d" */
  retention: string;
  /** Most memory it may take, in MiB. */
  memory: number;
  /** Most that samples may take on disk, in GiB. */
  disk: number;
  /** What is asked, by component. */
  targets: Record<string, ScrapeTarget>;
  /** Names of the products that run, for the rules about them. */
  products: string[];
  /** Workloads that ask it, though they are confined. */
  askedBy: string[];
  /** Names of the nightly copies. */
  copies: string[];
  /** Whether PostgreSQL's operator archives its log. */
  archived: boolean;
  /** Whether it is told how full each volume is. */
  volumes: boolean;
  /** Whether others send it measurements: what is measured of spans. */
  receives: boolean;
}

export interface MetricsOutputs {
  /** Address of the query API; loopback only. */
  url: Output<string>;
  door: Door;
}

export class Metrics extends Product<MetricsArgs, MetricsOutputs> {
  constructor(name: string, args: MetricsArgs, options?: ComponentResourceOptions) {
    super("Metrics", compose, name, args, options);
  }
}

/** MiB. */
const leastWithSpans = 768;

/** Of one program, so that one that counts without end takes nobody's memory. */
const mostSamples = 50_000;

function compose(name: string, args: MetricsArgs, parent: ComponentResource): MetricsOutputs {
  const { port, retention } = args;
  // What is measured of every span comes on top, and a log that grew too long for its memory is read again at each start.
  const memory = args.receives ? Math.max(args.memory, leastWithSpans) : args.memory;
  const prometheus = new Workload(
    name,
    {
      program: { upstream: "prometheus" },
      data: true,
      losable: "it is history of weeks, and nothing depends on it",
      files: (at) => ({
        "prometheus.yml": all(args.targets).apply((targets) => configuration(`${at.self}:${port}`, targets)),
        "alerts.yml": alertRules(args.products, { ...args, jobs: ["metrics", ...Object.keys(args.targets)] }),
      }),
      command: (at) => [
        at.program("bin/prometheus"),
        at.config("prometheus.yml").apply((file) => `--config.file=${file}`),
        at.data("tsdb").apply((folder) => `--storage.tsdb.path=${folder}`),
        `--storage.tsdb.retention.time=${retention}`,
        `--storage.tsdb.retention.size=${args.disk}GB`,
        ...at.listens.map((address) => `--web.listen-address=${address}:${port}`),
        "--web.enable-otlp-receiver",
        ...(args.receives ? ["--web.enable-remote-write-receiver"] : []),
        "--no-web.enable-lifecycle",
      ],
      env: () => ({ GOMEMLIMIT: `${Math.floor(memory * 0.8)}MiB` }),
      ports: { http: port },
      calls: Object.values(args.targets).map(({ address }) => doorAt(address)),
      // It takes measurements from whoever calls it, and asks some that run what people wrote.
      inside: args.askedBy,
      health: { http: "/-/ready", port: "http" },
      // It replays its write-ahead log before it is ready; who ends it meanwhile makes it begin anew.
      startTimeout: 900_000,
      stop: { signal: "SIGTERM", deadline: 30_000 },
      memory: upstream("prometheus").memory.expected,
      limits: { memory },
    },
    { parent },
  );
  const door = { workload: name, port };
  return { url: interpolate`http://${prometheus.outputs.host}:${port}`, door };
}

type Targets = Record<string, { address: string; path?: string; token?: string; each?: string | undefined }>;

function configuration(own: string, targets: Targets): string {
  const all: Targets = { metrics: { address: own }, ...targets };
  return stringify({
    global: { scrape_interval: "15s", scrape_timeout: "10s", sample_limit: mostSamples },
    // Beside this file.
    rule_files: ["alerts.yml"],
    otlp: {
      promote_resource_attributes: [
        ...["service.name", "service.instance.id", "postgresql.database.name"],
        ...volumeAttributes,
      ],
    },
    storage: { tsdb: { out_of_order_time_window: "10m" } },
    scrape_configs: Object.entries(all).map(([name, { address, path, token, each }]) => ({
      job_name: name,
      ...(path && { metrics_path: path }),
      ...(token && { authorization: { credentials: token } }),
      ...(each !== undefined
        ? { dns_sd_configs: [lookUp(each, address)] }
        : { static_configs: [{ targets: [address] }] }),
    })),
  });
}

/** Every address of a name, asked for once more when some have changed. */
function lookUp(name: string, address: string): object {
  const [, port] = address.split(":");
  return { names: [name], type: "A", port: Number(port), refresh_interval: "30s" };
}
