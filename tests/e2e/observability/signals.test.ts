import { appendFile, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { program } from "../../program.ts";
import { freePorts } from "../kubernetes/processes.ts";
import { eventually } from "../stack.ts";
import { containerLine, ofReceivers, podLine } from "./lines.ts";
import { metricsOf, queries } from "./names.ts";
import { collectorProgram } from "./programs.ts";
import { type Line, type Recorder, record } from "./recorder.ts";
import { type CollectorConfiguration, type Rendered, rendered } from "./rendered.ts";
import { type Running, refusal, running } from "./running.ts";

/** Receivers of the contrib build whose modules a registry may not have: the one here is built without them. */
const absent = /^(postgresql\/|httpcheck$)/;

let otelcol: string;
let prometheus: string;
let world: Running;
let onprem: Rendered;
let saas: Rendered;
beforeAll(async () => {
  otelcol = join(await collectorProgram(), "bin/otelcol");
  prometheus = join(await program("prometheus"), "bin/prometheus");
  world = await running();
  onprem = await rendered("onprem");
  saas = await rendered("saas");
});
afterAll(() => world?.dispose());

describe.each(["onprem", "saas"] as const)("what a stack of kind %s gives its programs to read", (kind) => {
  const of = () => (kind === "onprem" ? onprem : saas);

  test("the collector takes, but for what it is built without", async () => {
    const { configuration, without } = within(of().collector);
    expect(without.length).toBeGreaterThan(3);
    const file = await world.write(`${kind}-collector.yaml`, configuration);
    expect(await refusal(otelcol, file)).toBe("");
  });

  test("the collector as a reader takes from a variable", async () => {
    const reader = JSON.stringify(of().reader);
    expect(await refusal(otelcol, "env:DEVFLOW_READER", { DEVFLOW_READER: reader })).toBe("");
    const file = await world.write("wrong.yaml", { ...of().reader, receivers: { file_log: { inclode: [] } } });
    expect(await refusal(otelcol, file)).toContain("inclode");
  });

  test("Prometheus takes, with every rule", async () => {
    await world.write("alerts.yml", of().alerts);
    const file = await world.write(`${kind}-prometheus.yml`, of().prometheus);
    const [port] = await freePorts(1);
    const at = `http://127.0.0.1:${port}`;
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${world.folder}/${kind}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const server = await world.start(prometheus, args, `${at}/-/ready`);
    const { data } = (await (await fetch(`${at}/api/v1/rules`)).json()) as { data: { groups: { rules: object[] }[] } };
    expect(data.groups.flatMap(({ rules }) => rules)).toHaveLength(parse(of().alerts).groups[0].rules.length);
    await world.stop(server);
  });
});

describe("signals of programs", () => {
  let store: Recorder;
  let metrics: string;
  let gathered: string;
  let own: string;
  beforeAll(async () => {
    store = await record(otelcol, world);
    const [query = 0, ...ports] = await freePorts(5);
    metrics = `http://127.0.0.1:${query}`;
    const file = await world.write("prometheus.yml", {
      ...parse(onprem.prometheus),
      scrape_configs: [],
      rule_files: [],
    });
    await world.start(
      prometheus,
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${world.folder}/tsdb`,
        `--web.listen-address=127.0.0.1:${query}`,
        "--web.enable-otlp-receiver",
      ],
      `${metrics}/-/ready`,
    );
    const [grpc, http, health, measured] = ports;
    gathered = `http://127.0.0.1:${http}`;
    own = `http://127.0.0.1:${measured}/metrics`;
    const { configuration } = within(onprem.collector);
    const { exporters, receivers, extensions, service } = configuration;
    receivers.otlp.protocols.grpc.endpoint = `127.0.0.1:${grpc}`;
    receivers.otlp.protocols.http.endpoint = `127.0.0.1:${http}`;
    extensions.health_check.endpoint = `127.0.0.1:${health}`;
    Object.assign(service.telemetry.metrics.readers[0].pull.exporter.prometheus, { host: "127.0.0.1", port: measured });
    for (const [name, from, to] of [
      ["otlp_http/metrics", /^http:\/\/metrics:\d+/, metrics],
      ["otlp_http/logs", /^http:\/\/logs:\d+/, store.logs],
      ["otlp_grpc/traces", /^traces:\d+/, store.traces],
    ] as const) {
      expect(exporters[name].endpoint).toMatch(from);
      exporters[name].endpoint = exporters[name].endpoint.replace(from, to);
    }
    await world.start(
      otelcol,
      [`--config=${await world.write("collector.yaml", configuration)}`],
      `http://127.0.0.1:${health}/ready`,
    );
  });
  afterAll(() => store?.close());

  const now = () => `${Date.now()}000000`;
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "an-app" } }] };
  const send = async (kind: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(`${gathered}/v1/${kind}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(status).toBe(200);
  };
  const lineOf = (text: RegExp, service: string) =>
    eventually(async () => {
      const found = store.lines.filter(
        (line) => text.test(String(line.text)) && line.labels["service.name"] === service,
      );
      expect(found).toHaveLength(1);
      return found[0] as Line;
    }, 30);
  const answerOf = async (query: string) => {
    const answer = await fetch(`${metrics}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1];
  };

  test("a measurement sent by OTLP is found in Prometheus, by the name of its service", async () => {
    const point = { asInt: "42", timeUnixNano: now() };
    const metric = { name: "things.made", unit: "1", gauge: { dataPoints: [point] } };
    await send("metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] });
    await eventually(async () => expect(await answerOf('things_made_ratio{service_name="an-app"}')).toBe("42"), 30);
  });

  test("a span reaches the store of traces", async () => {
    const span = {
      ...{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", name: "GET /things", kind: 2 },
      ...{ startTimeUnixNano: now(), endTimeUnixNano: now() },
    };
    await send("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
    await eventually(async () => expect(store.spans).toContain("GET /things"), 30);
  });

  test("a line of an app reaches the store of logs as it was", async () => {
    const logRecords = [{ timeUnixNano: now(), severityText: "WARN", body: { stringValue: "from an app" } }];
    await send("logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
    expect(await lineOf(/^from an app$/, "an-app")).toMatchObject({ severity: "WARN" });
  });

  describe("output of containers, as Docker writes it", () => {
    let folder: string;
    let restart: () => Promise<void>;
    beforeAll(async () => {
      folder = join(world.folder, "containers");
      await mkdir(join(folder, "abc"), { recursive: true });
      await writeFile(file(), "");
      restart = await startReader("docker", onprem.reader, "/var/log/containers", folder);
    });
    const file = () => join(folder, "abc", "abc-json.log");
    const add = (text: string, more?: Parameters<typeof containerLine>[1]) =>
      appendFile(file(), containerLine(text, more));

    test("arrives with its time and four labels", async () => {
      await add("plain text\n", { time: "2026-11-24T14:00:00.123456789Z" });
      const line = await lineOf(/^plain text$/, "platform");
      expect(line.labels).toEqual({
        "devflow.kind": "onprem",
        "devflow.component": "platform",
        "service.name": "platform",
        "service.instance.id": "devflow-box-platform",
      });
      expect(line).toMatchObject({ time: "1795528800123456789", fields: { "log.iostream": "stdout" } });
    });

    test("a line of the services is taken apart", async () => {
      const [trace_id, span_id] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
      const json = {
        level: 50,
        time: 1,
        trace_id,
        span_id,
        status: 500,
        err: { type: "Error", stack: "a\nb" },
        msg: "answered",
      };
      await add(`${JSON.stringify(json)}\n`);
      const line = await lineOf(/^answered$/, "platform");
      expect(line).toMatchObject({ severity: "ERROR", trace: trace_id });
      expect(line.fields).toEqual({ "log.iostream": "stdout", status: 500, err: { type: "Error", stack: "a\nb" } });
    });

    test("a line of another program too; what only looks like one stays as it is", async () => {
      await add('{"level":"warn","ts":1.5,"msg":"of a proxy"}\n', { stream: "stderr" });
      expect(await lineOf(/^of a proxy$/, "platform")).toMatchObject({ severity: "WARN", fields: { ts: 1.5 } });
      await add("{not JSON}\n");
      await lineOf(/^\{not JSON\}$/, "platform");
      const wide = JSON.stringify({
        msg: "too wide",
        ...Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`f${at}`, at])),
      });
      await add(`${wide}\n`);
      const line = await lineOf(/too wide/, "platform");
      expect(line).toMatchObject({ text: wide, fields: { "log.iostream": "stdout" } });
    });

    test("a line that Docker has cut is whole again, whatever came between", async () => {
      await add("x".repeat(16_384));
      await add("of the other stream\n", { stream: "stderr" });
      await add("the end\n");
      expect((await lineOf(/^x+the end$/, "platform")).text).toBe(`${"x".repeat(16_384)}the end`);
      await lineOf(/^of the other stream$/, "platform");
    });

    test("nothing of other people's containers arrives, nor of the reader itself, and no torn line stops it", async () => {
      await add("of another stack\n", { stack: "devflow-other" });
      await add("of the reader\n", { workload: "log-reader" });
      await appendFile(
        file(),
        '{"log":"without labels\\n","stream":"stdout","time":"2026-11-24T14:00:00Z"}\n{"log":"torn\n',
      );
      await add("after them\n");
      await lineOf(/^after them$/, "platform");
      expect(
        store.lines.filter(({ text }) => /another stack|of the reader|without labels|torn/.test(String(text))),
      ).toEqual([]);
    });

    test("what is written while it is away arrives once it is back, once, also from a file that was turned over", async () => {
      await add("before\n");
      await lineOf(/^before$/, "platform");
      await restart();
      await add("meanwhile\n");
      await lineOf(/^meanwhile$/, "platform");
      await lineOf(/^before$/, "platform");
      await rename(file(), `${file()}.1`);
      await add("in the new file\n");
      await lineOf(/^in the new file$/, "platform");
    });

    test("a reader says how it does, without anybody asking it", async () => {
      const accepted = 'sum(otelcol_receiver_accepted_log_records_total{service_name="log-reader"})';
      await eventually(async () => expect(Number(await answerOf(accepted))).toBeGreaterThan(5), 60);
    });
  });

  describe("output of pods, as the kubelet keeps it", () => {
    test("arrives with the product of its container", async () => {
      const folder = join(world.folder, "pods");
      const write = async (pod: string, container: string, ...lines: string[]) => {
        const at = join(folder, pod, container);
        await mkdir(at, { recursive: true });
        await writeFile(join(at, "0.log"), lines.join(""));
      };
      await write(
        "devflow_runtime-auth-6f-x_0a-1",
        "runtime-auth",
        podLine("one "),
        podLine("part ", "P"),
        podLine("and another"),
      );
      await write("devflow_postgres-1_0a-2", "postgres", podLine("of CRI-O", "F", "2026-11-24T15:00:00.5+01:00"));
      await write("devflow_platform-1-a_0a-3", "platform", podLine('{"level":30,"msg":"of a service","a":{"b":1}}'));
      await write("elsewhere_app-1_0a-4", "app", podLine("of another namespace"));
      await startReader("pods", saas.reader, "/var/log/pods", folder);
      const labels = { "devflow.kind": "saas", "devflow.component": "runtime", "service.name": "runtime-auth" };
      const line = await lineOf(/^one $/, "runtime-auth");
      expect(line.labels).toEqual({ ...labels, "service.instance.id": "runtime-auth-6f-x" });
      await lineOf(/^part and another$/, "runtime-auth");
      expect(await lineOf(/^of CRI-O$/, "postgres")).toMatchObject({
        time: "1795528800500000000",
        labels: { "devflow.component": "postgres", "service.instance.id": "postgres-1" },
      });
      expect(await lineOf(/^of a service$/, "platform")).toMatchObject({ severity: "INFO", fields: { a: { b: 1 } } });
      expect(store.lines.filter(({ text }) => text === "of another namespace")).toEqual([]);
    });
  });

  const namesOf = async (prefix: RegExp) => {
    const found = await Promise.all(queries().map((query) => metricsOf(metrics, query)));
    return [...new Set(found.flat().map(({ name }) => name))].filter((name) => prefix.test(name));
  };

  test("every measurement of the collector that a dashboard or an alert asks for is one that it gives", async () => {
    const given = new Set([...(await (await fetch(own)).text()).matchAll(/^(otelcol_\w+)/gm)].map(([, name]) => name));
    const asked = await namesOf(/^otelcol_/);
    expect(asked.sort()).toEqual([
      "otelcol_exporter_send_failed_log_records_total",
      "otelcol_receiver_refused_log_records_total",
    ]);
    expect(given).toContain("otelcol_receiver_refused_log_records_total");
    // There only once one has failed; it is named as what has been sent.
    expect(given).toContain("otelcol_exporter_sent_log_records_total");
  });

  test("measurements of receivers that are not here have the names that dashboards and alerts know", async () => {
    await send("metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: ofReceivers(now()) }] }] });
    const asked = await namesOf(/^(postgresql|httpcheck)_/);
    expect(asked.length).toBeGreaterThan(5);
    await eventually(async () => {
      for (const name of asked) expect([name, await answerOf(`${name}{service_name="an-app"}`)]).toEqual([name, "7"]);
    }, 30);
    expect(await answerOf('httpcheck_status{http_url="http://graph:7474/", http_status_class="2xx"}')).toBe("7");
  });

  /** The reader of a stack on files here; answers how to start it anew. */
  async function startReader(name: string, configuration: CollectorConfiguration, folder: string, here: string) {
    const [health] = await freePorts(1);
    const text = JSON.stringify(configuration)
      .replaceAll(folder, here)
      .replaceAll("/var/lib/log-reader", join(world.folder, `${name}-notes`))
      .replaceAll("http://collector:4318", gathered)
      .replace(/0\.0\.0\.0:\d+/, `127.0.0.1:${health}`)
      .replace('"interval":30000', '"interval":1000');
    const start = () =>
      world.start(otelcol, ["--config=env:DEVFLOW_READER"], `http://127.0.0.1:${health}/ready`, {
        DEVFLOW_READER: text,
      });
    let child = await start();
    return async () => {
      await world.stop(child);
      child = await start();
    };
  }
});

/** A configuration without the receivers that the program here lacks, and their names. */
function within(whole: CollectorConfiguration): { configuration: CollectorConfiguration; without: string[] } {
  const configuration = structuredClone(whole);
  const without = Object.keys(configuration.receivers).filter((name) => absent.test(name));
  for (const name of without) delete configuration.receivers[name];
  for (const [name, pipeline] of Object.entries<{ receivers: string[] }>(configuration.service.pipelines)) {
    pipeline.receivers = pipeline.receivers.filter((receiver) => !absent.test(receiver));
    if (pipeline.receivers.length === 0) delete configuration.service.pipelines[name];
  }
  return { configuration, without };
}
