/** One chart: what is asked of Prometheus and how its numbers read. */
export interface Measure {
  id: "cpu" | "memory" | "requests" | "errors" | "latency";
  title: string;
  unit: "percent" | "bytes" | "per-second" | "seconds";
  /** PromQL; `$job` is the component and `$window` the range of rates. */
  expr: string;
}

/** Of every component, as the supervisor measures it. */
const processes: Measure[] = [
  { id: "cpu", title: "CPU", unit: "percent", expr: 'devflow_component_cpu_percent{component="$job"}' },
  { id: "memory", title: "Memory", unit: "bytes", expr: 'devflow_component_memory_bytes{component="$job"}' },
];

/** What a program that answers requests counts of them: its counter, histogram, and the label of the status. */
interface Counted {
  count: string;
  seconds: string;
  status: string;
}

const counted: Record<string, Counted> = {
  platform: {
    count: "http_request_duration_seconds_count",
    seconds: "http_request_duration_seconds_bucket",
    status: "status",
  },
  proxy: {
    count: "caddy_http_request_duration_seconds_count",
    seconds: "caddy_http_request_duration_seconds_bucket",
    status: "code",
  },
  storage: { count: "SeaweedFS_s3_request_total", seconds: "SeaweedFS_s3_request_seconds_bucket", status: "code" },
  metrics: {
    count: "prometheus_http_requests_total",
    seconds: "prometheus_http_request_duration_seconds_bucket",
    status: "code",
  },
};

export function measuresOf(component: string): Measure[] {
  const known = counted[component];
  return known ? [...processes, ...requests(known)] : processes;
}

function requests({ count, seconds, status }: Counted): Measure[] {
  const of = (metric: string, more = "") => `sum(rate(${metric}{job="$job"${more}}[$window]))`;
  return [
    { id: "requests", title: "Requests", unit: "per-second", expr: of(count) },
    // Without a failure there is no such series, and nothing is not unknown.
    {
      id: "errors",
      title: "Failed requests (5xx)",
      unit: "per-second",
      expr: `${of(count, `,${status}=~"5.."`)} or 0 * ${of(count)}`,
    },
    {
      id: "latency",
      title: "Latency, 95 of 100 requests are faster",
      unit: "seconds",
      expr: `histogram_quantile(0.95, sum by (le) (rate(${seconds}{job="$job"}[$window])))`,
    },
  ];
}
