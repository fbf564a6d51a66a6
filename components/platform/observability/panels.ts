import type { Panel, Query } from "./dashboards.ts";

/** What a person wants to see first of each product. A name is that of the product's switch, and of its scrape job. */
export const panels: Record<string, { title: string; charts: Panel[] }> = {
  overview: {
    title: "Overview",
    charts: [
      panel("Answering", "bool", ["up", "{{job}}"]),
      panel("Processor time", "short", ["rate(process_cpu_seconds_total[5m])", "{{job}}"]),
      panel("Resident memory", "bytes", ["process_resident_memory_bytes", "{{job}}"]),
      panel("Alerts that fire", "short", ['count by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"]),
    ],
  },
  platform: {
    title: "Platform",
    charts: [
      panel("Requests", "reqps", ["sum by (status) (rate(http_request_duration_seconds_count[5m]))", "{{status}}"]),
      panel("Slowest of a hundred", "s", [
        "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))",
        "{{service}}",
      ]),
      panel("Event loop", "s", ['nodejs_eventloop_lag_p99_seconds{job="platform"}', "99 of 100"]),
      panel("Heap", "bytes", ['nodejs_heap_size_used_bytes{job="platform"}', "used"]),
    ],
  },
  proxy: {
    title: "Proxy",
    charts: [
      panel("Requests", "reqps", ["sum by (code) (rate(caddy_http_request_duration_seconds_count[5m]))", "{{code}}"]),
      panel("Slowest of a hundred", "s", [
        "histogram_quantile(0.99, sum by (le) (rate(caddy_http_request_duration_seconds_bucket[5m])))",
        "all",
      ]),
    ],
  },
  postgres: {
    title: "PostgreSQL",
    charts: [
      panel("Connections", "short", ["sum by (service_name) (postgresql_backends)", "{{service_name}}"]),
      panel("Transactions", "ops", [
        "sum by (service_name) (rate(postgresql_commits_total[5m]))",
        "{{service_name}} committed",
      ]),
      panel("Size", "bytes", ["postgresql_db_size_bytes", "{{service_name}} {{postgresql_database_name}}"]),
      panel("Rolled back", "ops", ["sum by (service_name) (rate(postgresql_rollbacks_total[5m]))", "{{service_name}}"]),
    ],
  },
  code: {
    title: "Code",
    charts: [
      panel("Repositories, people, issues", "short", ["gitea_repositories", "repositories"], ["gitea_users", "people"]),
      panel("Resident memory", "bytes", ['process_resident_memory_bytes{job="code"}', "resident"]),
    ],
  },
  storage: {
    title: "Object storage",
    charts: [
      panel("Requests", "reqps", ["sum by (type) (rate(SeaweedFS_s3_request_total[5m]))", "{{type}}"]),
      panel("Kept", "bytes", ["sum by (collection) (SeaweedFS_volumeServer_total_disk_size)", "{{collection}}"]),
    ],
  },
  runtime: {
    title: "Runtime",
    charts: [
      panel("Requests at the gateway", "reqps", [
        "sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total[5m]))",
        "{{envoy_cluster_name}}",
      ]),
      panel("Failed at the gateway", "reqps", [
        'sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[5m]))',
        "{{envoy_cluster_name}}",
      ]),
      panel(
        "REST: connections in its pool",
        "short",
        ["pgrst_db_pool_max", "most"],
        ["pgrst_db_pool_available", "free"],
      ),
      panel("Pictures in work", "short", ["imgproxy_requests_in_progress", "requests"]),
    ],
  },
  search: {
    title: "Search",
    charts: [
      panel("Documents", "short", [
        "sum by (documenttype) (content_proton_documentdb_documents_total_last)",
        "{{documenttype}}",
      ]),
      panel("Queries", "reqps", ["sum(queries_rate)", "queries"]),
      panel("Latency", "s", ["avg(query_latency_average) / 1000", "average"]),
      panel("Disk in use", "percentunit", ["max(content_proton_resource_usage_disk_average)", "of the disk"]),
    ],
  },
  graph: { title: "Graph", charts: fromOutside("graph") },
  errors: { title: "Errors", charts: fromOutside("errors") },
  mailpit: { title: "Mailpit", charts: fromOutside("mailpit") },
  uptime: { title: "Uptime", charts: fromOutside("uptime") },
  // It measures nothing and speaks no HTTP: there is what it writes.
  cache: { title: "Cache", charts: [] },
  runner: {
    title: "Runner",
    charts: [
      panel("Answering", "bool", ['up{job="runner"}', "yes"]),
      panel("Resident memory", "bytes", ['process_resident_memory_bytes{job="runner"}', "resident"]),
      panel("Processor time", "short", ['rate(process_cpu_seconds_total{job="runner"}[5m])', "cores"]),
    ],
  },
  timescale: {
    title: "Analytics database",
    charts: [
      panel("Connections", "short", ['sum(postgresql_backends{service_name="timescale"})', "connections"]),
      panel("Transactions", "ops", ['sum(rate(postgresql_commits_total{service_name="timescale"}[5m]))', "committed"]),
      panel("Size", "bytes", ['postgresql_db_size_bytes{service_name="timescale"}', "{{postgresql_database_name}}"]),
    ],
  },
  metrics: {
    title: "Metrics",
    charts: [
      panel("Series", "short", ["prometheus_tsdb_head_series", "in memory"]),
      panel("Samples taken", "ops", ["rate(prometheus_tsdb_head_samples_appended_total[5m])", "samples"]),
      panel("On disk", "bytes", ["prometheus_tsdb_storage_blocks_bytes", "blocks"]),
      panel("Not answering", "short", ["count(up == 0) or vector(0)", "programs"]),
    ],
  },
  observability: {
    title: "Observability",
    charts: [
      panel("Lines of logs taken", "ops", ["sum(rate(loki_distributor_lines_received_total[5m]))", "lines"]),
      panel("Spans taken", "ops", ["sum(rate(tempo_distributor_spans_received_total[5m]))", "spans"]),
      panel("Refused by the collector", "ops", [
        "sum by (receiver) (rate(otelcol_receiver_refused_log_records_total[5m]))",
        "{{receiver}}",
      ]),
      panel("Series in Prometheus", "short", ["prometheus_tsdb_head_series", "series"]),
    ],
  },
};

/** Of what measures nothing itself: whether it answers, and how soon. */
function fromOutside(host: string): Panel[] {
  const labels = `http_url=~".*${host}.*"`;
  return [
    panel("Answering", "bool", [`httpcheck_status{${labels}, http_status_class="2xx"}`, "yes"]),
    panel("Time to answer", "s", [`httpcheck_duration_milliseconds{${labels}} / 1000`, "time"]),
  ];
}

function panel(title: string, unit: Panel["unit"], ...queries: [expr: string, legend: string][]): Panel {
  return { title, unit, queries: queries.map(([expr, legend]): Query => ({ expr, legend })) };
}
