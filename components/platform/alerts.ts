import { stringify } from "yaml";

/** One rule of Prometheus: what must not be, for how long it may, and what to do. */
interface Alert {
  /** Switch of the product it is about; absent: it is always watched. */
  product?: string;
  expr: string;
  for: string;
  severity: "page" | "ticket";
  summary: string;
  /** The command that says more, or sets it right. */
  action: string;
}

const alerts: Record<string, Alert> = {
  ComponentDown: {
    expr: "up == 0",
    for: "3m",
    severity: "page",
    summary: "{{ $labels.job }} does not answer",
    action: "./devflow doctor; ./devflow logs {{ $labels.job }}",
  },
  ProbeFailed: {
    product: "observability",
    expr: 'max by (http_url) (httpcheck_status{http_status_class="2xx"}) == 0',
    for: "3m",
    severity: "page",
    summary: "{{ $labels.http_url }} does not answer",
    action: "./devflow status",
  },
  RequestsFail: {
    expr: 'sum by (service) (rate(http_request_duration_seconds_count{status=~"5.."}[5m])) / sum by (service) (rate(http_request_duration_seconds_count[5m])) > 0.05',
    for: "10m",
    severity: "page",
    summary: "More than one request in twenty to {{ $labels.service }} fails",
    action: "./devflow logs platform",
  },
  ProxyFails: {
    expr: 'sum(rate(caddy_http_request_duration_seconds_count{code=~"5.."}[5m])) / sum(rate(caddy_http_request_duration_seconds_count[5m])) > 0.1',
    for: "10m",
    severity: "page",
    summary: "More than one request in ten fails at the proxy",
    action: "./devflow status",
  },
  EventLoopBlocked: {
    expr: "nodejs_eventloop_lag_p99_seconds > 0.5",
    for: "10m",
    severity: "ticket",
    summary: "{{ $labels.job }} is blocked for half a second and more",
    action: "./devflow logs {{ $labels.job }}",
  },
  FilesRunOut: {
    expr: "process_open_fds / process_max_fds > 0.85",
    for: "5m",
    severity: "page",
    summary: "{{ $labels.job }} has nearly as many files open as it may",
    action: "./devflow restart {{ $labels.job }}",
  },
  ConnectionsRunOut: {
    product: "observability",
    expr: "sum by (service_name) (postgresql_backends) / max by (service_name) (postgresql_connection_max) > 0.85",
    for: "5m",
    severity: "page",
    summary: "PostgreSQL of {{ $labels.service_name }} has nearly as many connections as it accepts",
    action: "./devflow config set sizing.postgres.maxConnections=…",
  },
  RuntimeGatewayFails: {
    product: "runtime",
    expr: 'sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[5m])) / sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total[5m])) > 0.05',
    for: "10m",
    severity: "page",
    summary: "More than one request in twenty to the runtime's {{ $labels.envoy_cluster_name }} fails",
    action: "./devflow logs runtime",
  },
  SearchDiskFull: {
    product: "search",
    expr: "max(content_proton_resource_usage_disk_average) > 0.7",
    for: "10m",
    severity: "page",
    summary: "Vespa stops taking documents at three quarters of its disk",
    action: "Give the machine, or the claim of search, more disk",
  },
  LogsRefused: {
    product: "observability",
    expr: "sum(rate(otelcol_exporter_send_failed_log_records_total[10m])) > 0",
    for: "15m",
    severity: "ticket",
    summary: "Lines of logs do not reach Loki",
    action: "./devflow logs observability",
  },
  RulesFail: {
    expr: "rate(prometheus_rule_evaluation_failures_total[10m]) > 0",
    for: "15m",
    severity: "ticket",
    summary: "A rule of Prometheus cannot be evaluated",
    action: "./devflow logs metrics",
  },
};

/** Prometheus' file of rules for the products that run. */
export function alertRules(products: readonly string[]): string {
  const rules = Object.entries(alerts)
    .filter(([, { product }]) => product === undefined || products.includes(product))
    .map(([alert, { expr, for: duration, severity, summary, action }]) => ({
      alert,
      expr,
      for: duration,
      labels: { severity },
      annotations: { summary, action },
    }));
  return stringify({ groups: [{ name: "devflow", rules }] });
}
