import type { Input } from "@pulumi/pulumi";

interface Source {
  name: string;
  type: string;
  url: Input<string>;
  isDefault: boolean;
  jsonData: Record<string, unknown>;
}

/** The three stores as Grafana's data sources by uid, each leading to the others: from a log line to its trace and back. */
export function dataSources(stores: {
  metrics: Input<string>;
  logs: Input<string>;
  traces: Input<string>;
}): Record<"metrics" | "logs" | "traces", Source> {
  return {
    metrics: {
      name: "Metrics",
      type: "prometheus",
      url: stores.metrics,
      isDefault: true,
      jsonData: {
        httpMethod: "POST",
        timeInterval: "15s",
        exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: "traces" }],
      },
    },
    logs: {
      name: "Logs",
      type: "loki",
      url: stores.logs,
      isDefault: false,
      jsonData: {
        derivedFields: [
          {
            name: "trace_id",
            matcherType: "label",
            matcherRegex: "trace_id",
            // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Grafana that fills it in.
            url: "${__value.raw}",
            datasourceUid: "traces",
          },
        ],
      },
    },
    traces: {
      name: "Traces",
      type: "tempo",
      url: stores.traces,
      isDefault: false,
      jsonData: {
        serviceMap: { datasourceUid: "metrics" },
        nodeGraph: { enabled: true },
        tracesToLogsV2: {
          datasourceUid: "logs",
          customQuery: true,
          query: '{$${__tags}} | trace_id = "$${__trace.traceId}"',
          tags: [{ key: "service.name", value: "service_name" }],
        },
      },
    },
  };
}
