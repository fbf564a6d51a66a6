import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { alertRules } from "../../../components/platform/alerts.ts";
import { dashboards } from "../../../components/platform/observability/dashboards.ts";
import { figuresOf, report } from "../../../glue-services/backup/report.ts";
import { componentNames } from "../../../stacks/config/index.ts";
import { program } from "../../program.ts";
import { type Composition, recordedStack } from "./recorded.ts";

const extras = ["cache", "mailpit", "uptime"];

/** What only clusters have is read as well as all else. */
const watched = { copies: ["code"], archived: true, volumes: true, jobs: ["metrics"] };

/** All but local embeddings, which are part of the platform's own process. */
const withDashboard = ["platform", "proxy", "postgres", ...componentNames.filter((name) => name !== "embeddings")];

let stack: Composition;
beforeAll(async () => {
  stack = await recordedStack(["profile=full", ...extras.map((name) => `components.${name}=true`)]);
});

describe("observability", () => {
  it("gets logs, traces and measurements of every product to where they are kept", () => {
    expect(stack.errors).toEqual([]);
    const { receivers, exporters, service } = parse(stack.workload("collector").files["collector.yaml"]);
    expect(exporters).toEqual({
      "otlp_http/metrics": { endpoint: "http://metrics:4404/api/v1/otlp" },
      "otlp_http/logs": { endpoint: "http://logs:3100/otlp" },
      "otlp_grpc/traces": { endpoint: "traces:4317", tls: { insecure: true } },
    });
    expect(receivers.otlp.protocols.http.endpoint).toBe("0.0.0.0:4318");
    expect(receivers["postgresql/postgres"]).toMatchObject({ endpoint: "postgres:4402", username: "devflow_monitor" });
    expect(receivers.httpcheck.targets).toContainEqual({ endpoint: "http://graph:7474/", method: "GET" });
    for (const [name, { receivers: from, exporters: to }] of Object.entries<Record<string, string[]>>(
      service.pipelines,
    )) {
      for (const one of from ?? []) expect(Object.keys(receivers), name).toContain(one);
      for (const one of to ?? []) expect(Object.keys(exporters), name).toContain(one);
    }
    expect(stack.workload("platform").env).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
    });
    expect(JSON.parse(stack.workload("platform").files["services.json"]).resources).toMatchObject({
      metricsServer: "http://metrics:4404",
    });
  });

  it("measures every program by name, on the port it has", () => {
    const { scrape_configs } = parse(stack.workload("metrics").files["prometheus.yml"]);
    const targets: Record<string, string> = Object.fromEntries(
      scrape_configs.map((job: { job_name: string; static_configs: { targets: string[] }[] }) => [
        job.job_name,
        job.static_configs[0]?.targets[0],
      ]),
    );
    for (const [job, address] of Object.entries(targets)) {
      if (job === "metrics") continue;
      const [host = "", port] = address.split(":");
      if (["postgres", "proxy"].includes(host)) continue;
      expect(Object.values(stack.workload(host).ports), `${job} at ${address}`).toContain(Number(port));
    }
    expect(targets).toMatchObject({ platform: "platform:4401", logs: "logs:3100", collector: "collector:8888" });
  });

  it("keeps logs and traces in buckets where there is object storage, and knows no other place without", async () => {
    const loki = parse(stack.workload("logs").files["loki.yaml"]);
    expect(loki.common.storage.s3).toMatchObject({ endpoint: "http://storage:4405", bucketnames: "devflow-logs" });
    expect(loki.limits_config.retention_period).toBe("90d");
    const tempo = parse(stack.workload("traces").files["tempo.yaml"]);
    expect(tempo.storage.trace).toMatchObject({ backend: "s3", s3: { endpoint: "storage:4405", insecure: true } });
    expect(tempo.backend_worker.compaction.block_retention).toBe("2160h");
    const without = await recordedStack(["components.storage=false"]);
    expect(parse(without.workload("logs").files["loki.yaml"]).common.storage).toHaveProperty("filesystem");
    expect(parse(without.workload("traces").files["tempo.yaml"]).storage.trace.backend).toBe("local");
  });

  it("lets people into the dashboards by the platform's sign-in only, and provisions sources and dashboards", () => {
    const ini: string = stack.workload("dashboards").files["grafana.ini"];
    expect(ini).toContain("disable_login_form = true");
    expect(ini).toContain("token_url = http://platform:4401/api/auth/oauth2/token");
    const clients = JSON.parse(stack.workload("platform").files["services.json"]).resources.signOn.clients;
    expect(clients).toContainEqual(
      expect.objectContaining({
        id: "dashboards",
        redirectUris: ["http://dashboards.localhost:4400/login/generic_oauth"],
      }),
    );
    expect(stack.of("GrafanaDataSource").map(({ name }) => name)).toEqual(["metrics", "logs", "traces"]);
    expect(stack.of("GrafanaDashboard").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["devflow-overview", "devflow-postgres", "devflow-code", "devflow-graph"]),
    );
  });

  it("says nothing that is secret on a command line or in a plain variable", () => {
    for (const { name, inputs } of stack.of("Workload")) {
      const open = JSON.stringify([inputs.command, inputs.env]);
      expect(open, name).not.toMatch(/password-of-|superuser's password|-secret-key-/);
    }
  });
});

describe("dashboards", () => {
  it("there is one for every product, with charts of what is measured and its logs", () => {
    const { scrape_configs } = parse(stack.workload("metrics").files["prometheus.yml"]);
    const jobs = scrape_configs.map(({ job_name }: { job_name: string }) => job_name);
    const { receivers } = parse(stack.workload("collector").files["collector.yaml"]);
    const probes = receivers.httpcheck.targets.map(({ endpoint }: { endpoint: string }) => endpoint);
    const made = dashboards();
    for (const [uid, { panels }] of Object.entries(made)) {
      const text = JSON.stringify(panels);
      for (const [, job] of text.matchAll(/job=\\"([a-z-]+)\\"/g))
        expect(jobs, `${uid} asks for the job ${job}`).toContain(job);
      for (const [, host = ""] of text.matchAll(/http_url=~\\"\.\*([a-z-]+)\.\*\\"/g)) {
        expect(
          probes.some((probe: string) => probe.includes(host)),
          `${uid} asks for ${host}`,
        ).toBe(true);
      }
      expect((panels as { type: string }[]).map(({ type }) => type)).toEqual(
        expect.arrayContaining(uid === "devflow-cache" ? ["logs"] : ["timeseries", "logs"]),
      );
    }
    expect(Object.keys(made)).toEqual(expect.arrayContaining(withDashboard.map((name) => `devflow-${name}`)));
  });

  it("draw with queries that Prometheus can read, in panels that do not overlap", () => {
    for (const [uid, { panels, title }] of Object.entries(dashboards())) {
      expect(uid).toMatch(/^devflow-[a-z]+$/);
      const places = (panels as { gridPos: { x: number; y: number } }[]).map(({ gridPos: { x, y } }) => `${x},${y}`);
      expect(new Set(places).size, title).toBe(places.length);
    }
  });
});

describe("Prometheus", () => {
  let folder: string;
  let server: ChildProcess;
  let address: string;
  let log = "";
  beforeAll(async () => {
    const path = await program("prometheus");
    folder = await mkdtemp(join(tmpdir(), "devflow-prometheus-"));
    const { files } = stack.workload("metrics");
    for (const [name, text] of Object.entries<string>(files)) await writeFile(join(folder, name), text);
    address = `127.0.0.1:${await freePort()}`;
    server = spawn(join(path, "bin/prometheus"), [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/tsdb`,
      `--web.listen-address=${address}`,
      "--web.enable-otlp-receiver",
      "--web.enable-remote-write-receiver",
    ]);
    server.stderr?.on("data", (chunk) => {
      log += chunk;
    });
    while (!(await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok) {
      expect(server.exitCode, log).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  afterAll(async () => {
    server.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  it("takes the configuration of a full stack, with every alert", async () => {
    const { data } = await ask("/api/v1/rules");
    const rules = data.groups.flatMap((group: { rules: { name: string; health: string }[] }) => group.rules);
    const { files } = stack.workload("metrics");
    const declared = parse(files["alerts.yml"]).groups[0].rules.map(({ alert }: { alert: string }) => alert);
    expect(rules.map(({ name }: { name: string }) => name)).toEqual(declared);
    expect(declared).toEqual(expect.arrayContaining(["ComponentDown", "BackupOld", "BackupFailed", "DiskNearlyFull"]));
    // Those of PostgreSQL's operator are for clusters only, and are read as well as all others.
    const all = parse(alertRules(componentNames, watched)).groups[0].rules;
    for (const { expr } of all as { expr: string }[]) {
      const { status, error } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      expect([expr, status, error]).toEqual([expr, "success", undefined]);
    }
    const { data: loaded } = await ask("/api/v1/status/config");
    const jobs = parse(loaded.yaml).scrape_configs.map((job: { job_name: string }) => job.job_name);
    expect(jobs).toEqual(expect.arrayContaining(["metrics", "platform", "logs", "traces", "dashboards", "collector"]));
  });

  it("hears of copies by the program's own report, and finds the late and the failed ones by its alerts", async () => {
    const now = Date.now();
    const outcomes = [
      { copy: "code", finished: now - 3_600_000, bytes: 5, failed: false },
      { copy: "storage", finished: now - 30 * 3_600_000, bytes: 5, failed: false },
      { copy: "graph", finished: undefined, bytes: undefined, failed: true },
    ];
    await report(`http://${address}/api/v1/otlp`, "test", figuresOf(outcomes), new Date(now));
    const { groups } = parse(stack.workload("metrics").files["alerts.yml"]);
    const found = async (name: string) => {
      const { expr } = groups[0].rules.find(({ alert }: { alert: string }) => alert === name);
      const { data } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return data.result.map(({ metric }: { metric: { copy: string } }) => metric.copy);
    };
    expect(await found("BackupOld")).toEqual(["storage"]);
    expect(await found("BackupFailed")).toEqual(["graph"]);
  });

  it("H7: finds the volume that is four fifths full by what kubelets say, and nobody else's", async () => {
    const gauge = (name: string, value: number) => ({
      ...{ name, unit: "By" },
      gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asInt: String(value) }] },
    });
    const volume = (pod: string, name: string, available: number) => ({
      resource: {
        attributes: [
          { key: "k8s.pod.name", value: { stringValue: pod } },
          { key: "k8s.volume.name", value: { stringValue: name } },
        ],
      },
      scopeMetrics: [{ metrics: [gauge("k8s.volume.available", available), gauge("k8s.volume.capacity", 100)] }],
    });
    const resourceMetrics = [volume("runtime-db-0", "data", 19), volume("postgres-1", "pg-wal", 21)];
    const sent = await fetch(`http://${address}/api/v1/otlp/v1/metrics`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceMetrics }),
    });
    expect(sent.status).toBe(200);
    const { expr } = parse(alertRules([], watched)).groups[0].rules.find(
      ({ alert }: { alert: string }) => alert === "VolumeNearlyFull",
    );
    const { data } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
    expect(data.result.map(({ metric }: { metric: object }) => metric)).toEqual([
      { k8s_pod_name: "runtime-db-0", k8s_volume_name: "data" },
    ]);
  });

  it("H8: pages for a program of which nothing answers, and for one that no name leads to", async () => {
    const { expr } = parse(alertRules([], { ...watched, jobs: ["metrics", "gone"] })).groups[0].rules.find(
      ({ alert }: { alert: string }) => alert === "ComponentDown",
    );
    const found = async () => {
      const { data } = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return data.result.map(({ metric }: { metric: { job: string } }) => metric.job);
    };
    await expect.poll(found).toContain("platform");
    expect(await found()).toContain("gone");
  });

  it("can read every query of every dashboard", async () => {
    const queries = Object.values(dashboards()).flatMap(({ panels }) =>
      (panels as { type: string; targets: { expr: string }[] }[])
        .filter(({ type }) => type === "timeseries")
        .flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    );
    expect(queries.length).toBeGreaterThan(25);
    for (const query of queries) {
      const { status, error } = await ask(`/api/v1/query?query=${encodeURIComponent(query)}`);
      expect([query, status, error]).toEqual([query, "success", undefined]);
    }
  });

  async function ask(path: string) {
    const answer = await fetch(`http://${address}${path}`);
    // biome-ignore lint/suspicious/noExplicitAny: an answer of Prometheus, of the shape of what was asked.
    return (await answer.json()) as { status: string; error?: string; data: any };
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
