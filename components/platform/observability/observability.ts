import {
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
} from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child, Product } from "../../component.ts";
import { Bucket } from "../../primitives/bucket/index.ts";
import { type Door, doorAt } from "../../primitives/calls.ts";
import { credential } from "../../primitives/credential/index.ts";
import type { DatabaseServer } from "../../primitives/database/index.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { everyHost, workloadHost } from "../../primitives/workload/host.ts";
import { PostgresRole } from "../../provider/wiring.ts";
import type { ClientSignOn } from "../glue.ts";
import type { PostgresOutputs } from "../postgres/index.ts";
import type { Signals } from "../signals.ts";
import type { StorageOutputs } from "../storage/index.ts";
import { collector, type MeasuredDatabase } from "./collector.ts";
import { dashboards } from "./dashboards.ts";
import { grafana } from "./grafana.ts";
import { readerName } from "./log-reader/configuration.ts";
import { LogReader } from "./log-reader/index.ts";
import { loki } from "./loki.ts";
import { tempo } from "./tempo.ts";

/** Logs, traces and dashboards of every product, beside the metrics of the product `Metrics`. */
export interface ObservabilityArgs {
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  /** Where logs and traces are kept; in their data folders without it. */
  storage: StorageOutputs | undefined;
  signOn: ClientSignOn;
  /** Most connections of the dashboards to their database. */
  connections: number;
  /** Address of Prometheus. */
  metrics: { url: Input<string>; door: Door };
  /** How long logs and traces are kept. @example "15d" */
  retention: string;
  /** What is measured from outside. */
  signals: Required<Signals>;
  /** Most MiB of each part. */
  memory: { logs: number; traces: number; collector: number };
  /** Kind of the stack, where the output of its containers is read. */
  reads: string | undefined;
  /** Names of the products that get a dashboard. */
  products: string[];
}

export interface ObservabilityOutputs {
  /** Address of the dashboards for people. */
  url: Output<string>;
}

export class Observability extends Product<ObservabilityArgs, ObservabilityOutputs> {
  constructor(name: string, args: ObservabilityArgs, options?: ComponentResourceOptions) {
    super("Observability", compose, name, args, options);
  }
}

function compose(name: string, args: ObservabilityArgs, parent: ComponentResource): ObservabilityOutputs {
  const { metrics, retention, storage, signals } = args;
  const { memory } = args;
  const logs = loki("logs", { bucket: bucket("logs"), retention, memory: memory.logs }, parent);
  const traces = tempo("traces", { bucket: bucket("traces"), retention, metrics, memory: memory.traces }, parent);
  const stores = {
    metrics: metrics.url,
    logs: interpolate`http://${logs.host}:${logs.ports.http}`,
    traces: interpolate`http://${traces.host}:${traces.ports.http}`,
  };
  const receiver = interpolate`${traces.host}:${traces.ports["otlp-grpc"]}`;
  const doorsOf = (port: "http" | "otlp-grpc") =>
    [metrics.door, logs.doors.http, traces.doors[port]].filter((door) => door !== undefined);
  const measures = [
    ...Object.values(signals.databases).map(({ door }) => door),
    ...Object.values(signals.probes).map(doorAt),
  ];
  const databases = Object.fromEntries(Object.entries(signals.databases).map(measured));
  const gathered = collector(
    "collector",
    {
      ...{ databases, probes: signals.probes, exports: { ...stores, traces: receiver } },
      memory: memory.collector,
      calls: [...doorsOf("otlp-grpc"), ...measures],
    },
    parent,
  );
  if (args.reads !== undefined) {
    const collector = gathered.host.apply(collectorUrl);
    new LogReader(readerName, { kind: args.reads, collector, door: doorAt(collectorUrl()) }, { parent });
  }
  const { url } = grafana(
    "dashboards",
    { ...args, stores, calls: doorsOf("http"), dashboards: dashboards(["overview", name, ...args.products]) },
    parent,
  );
  return { url };

  function measured([of, { door: _, pooler: __, ...server }]: [string, DatabaseServer]): [string, MeasuredDatabase] {
    const password = credential(`observability/${of}-monitor`, { parent });
    const role = { server, name: "devflow_monitor", password, memberOf: ["pg_monitor"] };
    const { user } = child(PostgresRole, `${of}-monitor`, role, parent);
    return [of, { host: server.host, port: server.port, user, password, tls: server.tls ?? false }];
  }

  function bucket(purpose: string) {
    return (
      storage &&
      new Bucket(purpose, { server: storage.server, name: `devflow-${purpose}`, usedBy: purpose }, { parent }).outputs
    );
  }
}

/** Where programs send traces and logs (OTLP over HTTP); known before anything is made. */
export function collectorUrl(): string {
  return `http://${workloadHost("collector")}:${upstream("otel-collector").ports["otlp-http"]}`;
}

/** What observability shows of itself. */
export function observabilitySignals(): Signals {
  const at = (workload: string, program: string, port = "http") => ({
    address: `${workloadHost(workload)}:${upstream(program).ports[port]}`,
  });
  return {
    metrics: {
      logs: at("logs", "loki"),
      traces: at("traces", "tempo"),
      dashboards: { ...at("dashboards", "grafana"), each: everyHost("dashboards") },
      collector: { ...at("collector", "otel-collector", "metrics"), each: everyHost("collector") },
    },
  };
}
