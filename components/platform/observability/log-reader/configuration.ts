import { upstream } from "../../../catalogue/index.ts";
import { readJson } from "./json-lines.ts";

/** Labels of every line in Loki, and no others: each further one multiplies the streams. */
export const logLabels = ["devflow.kind", "devflow.component", "service.name", "service.instance.id"] as const;

/** Files of one engine's containers, and the steps that take its lines apart into body, time, and the labels. */
export interface LineSource {
  include: string[];
  operators: object[];
}

export interface ReaderValues {
  /** Kind of the stack, a label of every line. */
  kind: string;
  listen: string;
  source: LineSource;
  /** Folder in which it notes how far it has read. */
  notes: string;
  /** Address of the collector, OTLP over HTTP. */
  collector: string;
}

/** Variable of its environment that has its configuration: nothing in it is secret, and its user could read no file. */
export const variable = "DEVFLOW_READER";

/** Name of the workload that reads the output of all others. Its own is left out: an error would feed on itself. */
export const readerName = "log-reader";

/** The collector's program as nothing but a reader of files: nobody can send it anything. */
export function readerConfiguration({ kind, listen, source, notes, collector }: ReaderValues): object {
  const { memory, ports } = upstream("otel-collector");
  return {
    receivers: {
      file_log: {
        include: source.include,
        include_file_path: true,
        include_file_name: false,
        // What was written before it came is read too. A line that comes twice is one to Loki: same time, same text.
        start_at: "beginning",
        poll_interval: "500ms",
        max_log_size: "256KiB",
        // A part of a line may end with one.
        preserve_trailing_whitespaces: true,
        storage: "file_storage",
        // A collector that is away is waited for; the files keep the lines meanwhile.
        retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
        operators: [
          ...source.operators,
          { type: "add", field: 'resource["devflow.kind"]', value: kind },
          ...readJson(),
        ],
      },
    },
    processors: { memory_limiter: { check_interval: "1s", limit_mib: memory.expected * 2 } },
    exporters: {
      otlp_http: { endpoint: collector, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } },
    },
    extensions: {
      health_check: { endpoint: `${listen}:${ports.health}`, path: "/ready" },
      file_storage: { directory: notes, create_directory: true },
    },
    service: {
      extensions: ["health_check", "file_storage"],
      telemetry: {
        logs: { level: "warn" },
        resource: { attributes: [{ name: "service.name", value: readerName }] },
        metrics: {
          readers: [
            {
              periodic: {
                interval: 30_000,
                exporter: { otlp: { protocol: "http/protobuf", endpoint: `${collector}/v1/metrics` } },
              },
            },
          ],
        },
      },
      pipelines: { logs: { receivers: ["file_log"], processors: ["memory_limiter"], exporters: ["otlp_http"] } },
    },
  };
}
