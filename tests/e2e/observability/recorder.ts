import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { freePorts } from "../kubernetes/processes.ts";
import type { Running } from "./running.ts";

/** A line as it comes to the store of logs. */
export interface Line {
  /** Attributes of its source, which become labels. */
  labels: Record<string, unknown>;
  text: unknown;
  time: string;
  severity: string | undefined;
  trace: string | undefined;
  fields: Record<string, unknown>;
}

export interface Recorder {
  /** Address of the store of logs, as Loki's: OTLP over HTTP below /otlp. */
  logs: string;
  /** `host:port` of the store of traces, OTLP over gRPC. */
  traces: string;
  lines: Line[];
  /** Names of spans. */
  spans: string[];
  close(): void;
}

/**
 * Stands where Loki and Tempo do, which are under the AGPL and are not built here. What comes is read by a second
 * collector, so by a real program's idea of the protocol, and written down.
 */
export async function record(program: string, running: Running): Promise<Recorder> {
  const recorded = { lines: [] as Line[], spans: [] as string[] };
  const notes = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    take(recorded, JSON.parse(text));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => notes.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(notes.address() as AddressInfo).port}`;
  const [http, grpc, health] = await freePorts(3);
  const file = await running.write("recorder.yaml", {
    receivers: {
      otlp: {
        protocols: {
          http: { endpoint: `127.0.0.1:${http}`, logs_url_path: "/otlp/v1/logs" },
          grpc: { endpoint: `127.0.0.1:${grpc}` },
        },
      },
    },
    exporters: {
      otlp_http: { endpoint: at, encoding: "json", compression: "none", sending_queue: { enabled: false } },
    },
    extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
    service: {
      extensions: ["health_check"],
      telemetry: { metrics: { level: "none" } },
      pipelines: {
        logs: { receivers: ["otlp"], exporters: ["otlp_http"] },
        traces: { receivers: ["otlp"], exporters: ["otlp_http"] },
      },
    },
  });
  await running.start(program, [`--config=${file}`], `http://127.0.0.1:${health}/`);
  return { ...recorded, logs: `http://127.0.0.1:${http}`, traces: `127.0.0.1:${grpc}`, close: () => notes.close() };
}

interface Attribute {
  key: string;
  value: Value;
}
type Value = Record<string, unknown> & { kvlistValue?: { values?: Attribute[] } };
interface LogRecord {
  timeUnixNano: string;
  severityText?: string;
  traceId?: string;
  body?: Value;
  attributes?: Attribute[];
}
interface Sent {
  resourceLogs?: { resource: { attributes?: Attribute[] }; scopeLogs: { logRecords: LogRecord[] }[] }[];
  resourceSpans?: { scopeSpans: { spans: { name: string }[] }[] }[];
}

function take({ lines, spans }: Pick<Recorder, "lines" | "spans">, sent: Sent): void {
  for (const { resource, scopeLogs } of sent.resourceLogs ?? []) {
    const labels = plain(resource.attributes);
    for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      lines.push({
        labels,
        text: record.body && bare(record.body),
        time: record.timeUnixNano,
        severity: record.severityText || undefined,
        trace: record.traceId || undefined,
        fields: plain(record.attributes),
      });
    }
  }
  for (const { scopeSpans } of sent.resourceSpans ?? []) {
    spans.push(...scopeSpans.flatMap((scope) => scope.spans.map(({ name }) => name)));
  }
}

function plain(attributes: Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, bare(value)]));
}

function bare(value: Value): unknown {
  return value.kvlistValue ? plain(value.kvlistValue.values) : Object.values(value)[0];
}
