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
  ProcessDown: {
    // Of several; where there is one, ComponentDown says it.
    expr: "up == 0 and on (job) (max by (job) (up) == 1)",
    for: "10m",
    severity: "ticket",
    summary: "{{ $labels.instance }} of {{ $labels.job }} does not answer, others do",
    action: "./devflow logs {{ $labels.job }}",
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

/** Nightly copies, by the figures that glue-services/backup reports. */
function copyAlerts(copies: readonly string[]): Record<string, Alert> {
  if (copies.length === 0) return {};
  // Who has never made a copy reports no time of one. A stack that is younger than the time itself owes none yet.
  const never = copies.map((copy) => `absent_over_time(devflow_backup_finished_seconds{copy="${copy}"}[26h])`);
  return {
    BackupFailed: {
      expr: "max by (copy) (last_over_time(devflow_backup_failed[26h])) > 0",
      for: "5m",
      severity: "ticket",
      summary: "The last copy of {{ $labels.copy }} failed",
      action: "./devflow logs backups",
    },
    BackupOld: {
      expr: `(time() - max by (copy) (max_over_time(devflow_backup_finished_seconds[7d])) > 26 * 3600) or ((${never.join(" or ")}) and on () (count(up offset 26h) > 0))`,
      for: "10m",
      severity: "page",
      summary: "There is no copy of {{ $labels.copy }} of the last 26 hours",
      action: "./devflow logs backups",
    },
    DiskNearlyFull: {
      expr: "max by (volume) (devflow_volume_used_ratio) > 0.8",
      for: "15m",
      severity: "page",
      summary: "The disk of the engine's volumes is four fifths full; PostgreSQL stops when it is full",
      action: "Make room, or give the machine more disk: docs/onprem.md",
    },
  };
}

/** By the figures of CloudNativePG and of its plugin. */
const archiveAlerts: Record<string, Alert> = {
  ArchivingStopped: {
    // What the operator shows as ContinuousArchiving=False.
    expr: "max(cnpg_pg_stat_archiver_last_failed_time - cnpg_pg_stat_archiver_last_archived_time) > 0",
    for: "10m",
    severity: "page",
    summary: "PostgreSQL's log does not reach its archive; its disk fills up until it stops",
    action: "kubectl describe cluster.postgresql.cnpg.io; docs/backups.md",
  },
  ArchiveOld: {
    expr: "max(cnpg_pg_stat_archiver_seconds_since_last_archival) > 3600",
    for: "15m",
    severity: "page",
    summary: "Nothing was archived of PostgreSQL's log for an hour",
    action: "kubectl describe cluster.postgresql.cnpg.io; docs/backups.md",
  },
  BaseBackupOld: {
    expr: "time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp) > 26 * 3600",
    for: "15m",
    severity: "page",
    summary: "There is no base backup of PostgreSQL of the last 26 hours",
    action: "kubectl get backups.postgresql.cnpg.io",
  },
};

/** A program that answers nowhere, and one that is nowhere to be found: of several, each name's addresses are looked up. */
function downAlert(jobs: readonly string[]): Record<string, Alert> {
  const gone = jobs.map((job) => ` or absent(up{job="${job}"})`).join("");
  return {
    ComponentDown: {
      expr: `max by (job) (up) == 0${gone}`,
      for: "3m",
      severity: "page",
      summary: "{{ $labels.job }} does not answer",
      action: "./devflow doctor; ./devflow logs {{ $labels.job }}",
    },
  };
}

/** By what the kubelets say of volumes. */
const volumeAlerts: Record<string, Alert> = {
  VolumeNearlyFull: {
    expr: "1 - max by (k8s_pod_name, k8s_volume_name) (k8s_volume_available_bytes / k8s_volume_capacity_bytes) > 0.8",
    for: "15m",
    severity: "page",
    summary: "The volume {{ $labels.k8s_volume_name }} of {{ $labels.k8s_pod_name }} is four fifths full",
    action: "Make it larger: kubernetes.volumes; docs/kubernetes.md says what stops when it is full",
  },
  VolumesUnknown: {
    expr: "absent(k8s_volume_capacity_bytes)",
    for: "30m",
    severity: "ticket",
    summary: "No kubelet says how full the volumes are",
    action: "kubectl logs daemonset/volume-watch; docs/kubernetes.md",
  },
};

/** What is watched besides the products. */
export interface Watched {
  /** Names under which programs are measured. */
  jobs: readonly string[];
  /** Whether it is known how full each volume is. */
  volumes: boolean;
  /** Names of the nightly copies. */
  copies: readonly string[];
  /** Whether PostgreSQL's operator archives its log. */
  archived: boolean;
}

/** Prometheus' file of rules for the products that run. */
export function alertRules(products: readonly string[], { jobs, copies, archived, volumes }: Watched): string {
  const all = {
    ...downAlert(jobs),
    ...alerts,
    ...copyAlerts(copies),
    ...(archived && archiveAlerts),
    ...(volumes && volumeAlerts),
  };
  const rules = Object.entries(all)
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
