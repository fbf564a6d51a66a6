import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerLogLabels } from "../../../components/primitives/container.ts";
import { engineLogs } from "../../../components/provider/engine-logs.ts";
import { declared } from "../../../installer/declared/declared.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { type TestHost, testHost } from "../../components/host.ts";
import { freePorts } from "../kubernetes/processes.ts";
import { builtCollector } from "../observability/programs.ts";
import { type Recorder, record } from "../observability/recorder.ts";
import { rendered } from "../observability/rendered.ts";
import { type Running, running } from "../observability/running.ts";
import { eventually } from "../stack.ts";
import { makeImage } from "./rootfs.ts";
import { type TestEngine, testEngine, whyNot } from "./test-engine.ts";

const collector = await builtCollector();
const reason =
  whyNot() ?? (collector ? undefined : "the collector is not built; `npm run e2e:observability` does it once");
if (reason) console.warn(`The reader of logs is not tried on a real engine here: ${reason}.`);

interface Inputs {
  user: string;
  readOnly: boolean;
  securityOpts: string[];
  capabilities: { drops: string[]; adds?: string[] };
  volumes: { hostPath?: string; volumeName?: string; containerPath: string; readOnly?: boolean }[];
  memory: number;
}

describe.skipIf(reason !== undefined)("the reader of logs in a container of a real Docker engine", () => {
  let engine: TestEngine;
  let host: TestHost;
  let world: Running;
  let store: Recorder;
  const made: string[] = [];
  beforeAll(async () => {
    if (!collector) return;
    engine = await testEngine();
    host = await testHost();
    world = await running();
    store = await record(join(collector, "bin/otelcol"), world);
    await makeImage(engine, "devflow-test/reader:1", ({ add }) => add(`${collector}/bin/otelcol`, "/otelcol-contrib"));
    await makeImage(engine, "devflow-test/says:1.0", () => {});
  });
  afterAll(async () => {
    if (!engine) return;
    for (const name of made) await engine.call("DELETE", `/containers/${name}?force=true&v=true`).catch(() => {});
    await engine.call("DELETE", "/volumes/devflow-box-log-reader-data").catch(() => {});
    store.close();
    await world.dispose();
    await host.dispose();
    await engine[Symbol.asyncDispose]();
  });

  async function run(name: string, body: object): Promise<void> {
    made.push(name);
    const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=${name}`, body);
    await engine.call("POST", `/containers/${id}/start`);
  }

  test("as its container is declared, it sees what others write, and can do nothing else", async () => {
    const { settings } = resolveSettings({ flags: { "stack.name": "box", "stack.kind": "onprem" }, env: {}, cwd: "/" });
    const goal = (await declared(settings)).goals.find(
      ({ type, name }) => type.endsWith(":Container") && name === "log-reader",
    );
    const inputs = reveal(goal?.inputs ?? {}) as unknown as Inputs;
    const { outputs } = await engineLogs.create({ host: engine.host }, host.context("logs"));
    const [health] = await freePorts(1);
    // It sends to the store itself here, by the machine's own network; on a stack the collector is between them.
    const text = JSON.stringify((await rendered("onprem")).reader)
      .replaceAll("http://collector:4318", `${store.logs}/otlp`)
      .replace(/0\.0\.0\.0:\d+/, `127.0.0.1:${health}`);
    await run("devflow-box-log-reader", {
      Image: "devflow-test/reader:1",
      Entrypoint: ["/otelcol-contrib"],
      Cmd: ["--config=env:DEVFLOW_READER"],
      Env: [`DEVFLOW_READER=${text}`],
      User: inputs.user,
      HostConfig: {
        NetworkMode: "host",
        ReadonlyRootfs: inputs.readOnly,
        SecurityOpt: inputs.securityOpts,
        CapDrop: inputs.capabilities.drops,
        CapAdd: inputs.capabilities.adds ?? [],
        Memory: inputs.memory * 2 ** 20,
        Tmpfs: { "/tmp": "mode=1777" },
        Binds: inputs.volumes.map(
          ({ hostPath, volumeName, containerPath, readOnly }) =>
            `${hostPath ? outputs.folder : volumeName}:${containerPath}${readOnly ? ":ro" : ""}`,
        ),
      },
    });
    const labels = {
      "dev.devflow.stack": "devflow-box",
      "dev.devflow.component": "code",
      "dev.devflow.workload": "code",
    };
    const LogConfig = { Type: "json-file", Config: { labels: dockerLogLabels.join(","), tag: "{{.Name}}" } };
    const says = (words: string) => ({
      Image: "devflow-test/says:1.0",
      Entrypoint: ["/bin/sh", "-c", `echo ${words}`],
    });
    await run("devflow-box-code", {
      ...says("from a container"),
      Labels: labels,
      HostConfig: { NetworkMode: "none", LogConfig },
    });
    await run("somebody-else", { ...says("nobody is to know"), HostConfig: { NetworkMode: "none" } });
    await eventually(async () => {
      const found = store.lines.find(({ text }) => text === "from a container");
      expect(found?.labels).toEqual({
        ...{ "devflow.kind": "onprem", "devflow.component": "code", "service.name": "code" },
        "service.instance.id": "devflow-box-code",
      });
    }, 30);
    expect(store.lines.filter(({ text }) => /nobody/.test(String(text)))).toEqual([]);
    const ready = await fetch(`http://127.0.0.1:${health}/ready`);
    expect(ready.status).toBe(200);
    const { State } = await engine.call<{ State: { Status: string } }>(
      "GET",
      "/containers/devflow-box-log-reader/json",
    );
    expect(State.Status).toBe("running");
  });
});
