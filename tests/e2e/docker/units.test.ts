import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerLogLabels } from "../../../components/primitives/container.ts";
import { engineLogs } from "../../../components/provider/engine-logs.ts";
import { unitsOf } from "../../../installer/run/units/index.ts";
import { type TestHost, testHost } from "../../components/host.ts";
import { containerLine } from "../observability/lines.ts";
import { eventually } from "../stack.ts";
import { makeImage } from "./rootfs.ts";
import { type TestEngine, testEngine, whyNot } from "./test-engine.ts";

const reason = whyNot();
const stack = "devflow-units";

/** Containers as the appliance makes them, of a program that says something every second. */
describe.skipIf(reason !== undefined)("status and logs of containers on a real Docker engine", () => {
  let engine: TestEngine;
  let host: TestHost;
  const image = "devflow-test/says:1.0";
  beforeAll(async () => {
    engine = await testEngine();
    host = await testHost();
    await makeImage(engine, image, () => {});
    await run("platform", "echo begun; echo wrong >&2; n=0; while true; do n=$((n+1)); echo line $n; sleep 1; done");
    await run("code", "echo no place to write >&2; exit 3");
  });
  afterAll(async () => {
    if (!engine) return;
    for (const name of ["platform", "code"])
      await engine.call("DELETE", `/containers/${stack}-${name}?force=true`).catch(() => {});
    await host.dispose();
    await engine[Symbol.asyncDispose]();
  });

  async function run(name: string, script: string): Promise<void> {
    const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=${stack}-${name}`, {
      Image: image,
      Entrypoint: ["/bin/sh", "-c", script],
      Labels: { "dev.devflow.stack": stack, "dev.devflow.component": name, "dev.devflow.workload": name },
      HostConfig: {
        NetworkMode: "none",
        LogConfig: { Type: "json-file", Config: { labels: dockerLogLabels.join(","), tag: "{{.Name}}" } },
      },
    });
    await engine.call("POST", `/containers/${id}/start`);
  }

  test("each is there with its state, memory and exit code", async () => {
    await using units = await unitsOf({ kind: "docker", host: engine.host, stack });
    await eventually(async () => expect((await units.list())[0]?.state).toBe("stopped"), 20);
    const [code, platform] = await units.list();
    expect(code).toMatchObject({
      name: "code",
      state: "stopped",
      reason: "it ended with code 3",
      lastExit: { code: 3 },
    });
    expect(platform).toMatchObject({ name: "platform", state: "ready", version: "1.0", restarts: 0 });
    expect(platform?.pid).toBeGreaterThan(1);
  });

  test("devflow logs follows one across a restart, every line once", async () => {
    const home = await mkdtemp(join(tmpdir(), "devflow-units-"));
    const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));
    const set = ["--set", "stack.kind=onprem", "--set", "stack.name=units", "--set", `docker.host=${engine.host}`];
    const child = spawn(process.execPath, [cli, "logs", "platform", "-f", "--json", ...set], {
      cwd: home,
      env: { ...process.env, DEVFLOW_HOME: home, CI: "1" },
    });
    let out = "";
    child.stdout.on("data", (bytes: Buffer) => {
      out += bytes.toString();
    });
    const lines = () =>
      out
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line || "{}") as { line?: string }).line);
    await eventually(async () => expect(lines()).toEqual(expect.arrayContaining(["begun", "wrong", "line 2"])), 30);
    await engine.call("POST", `/containers/${stack}-platform/restart?t=0`);
    await eventually(async () => expect(lines().filter((line) => line === "line 2")).toHaveLength(2), 30);
    child.kill("SIGINT");
    await new Promise((resolve) => child.once("close", resolve));
    expect(lines().filter((line) => line === "begun")).toHaveLength(2);
    await rm(home, { recursive: true, force: true });
  });

  test("the file that a reader reads is where the engine says, and has whose each line is", async () => {
    const { outputs } = await engineLogs.create({ host: engine.host }, host.context("logs"));
    const { Id: id } = await engine.call<{ Id: string }>("GET", `/containers/${stack}-code/json`);
    const [line] = (await readFile(join(outputs.folder, id, `${id}-json.log`), "utf8")).split("\n");
    const { time, ...rest } = JSON.parse(line ?? "") as { time: string };
    const made = containerLine("no place to write\n", { stream: "stderr", stack, workload: "code" });
    const expected = JSON.parse(made.replace('"dev.devflow.component":"platform"', '"dev.devflow.component":"code"'));
    expect({ ...rest, time }).toEqual({ ...expected, time });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  });
});
