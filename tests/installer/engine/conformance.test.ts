import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deploy, type Runner } from "../../../installer/engine/engine.ts";
import { type RunOptions, type RunResult, runProgram } from "../../../installer/engine/index.ts";
import { serveMonitor } from "../../../installer/engine/serve-monitor.ts";
import { type Bench, bench, stepsOf } from "./bench.ts";
import program from "./conformance-program.ts";
import { calls, things } from "./thing.ts";

const programFile = join(import.meta.dirname, "conformance-program.ts");
const cmdRun = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run");

/** Runs the program as Pulumi's language host does: in a process of its own, over gRPC. */
const underCmdRun: Runner = async (monitor, { project, stack, mode, config, secretConfig }, log) => {
  const served = await serveMonitor(monitor, log);
  const flags = [
    `--monitor=${served.address}`,
    `--engine=${served.address}`,
    `--project=${project}`,
    `--stack=${stack}`,
  ];
  const env = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretConfig ?? []),
    PULUMI_NODEJS_TYPESCRIPT: "false",
    NODE_COMPILE_CACHE: join(tmpdir(), "devflow-compile-cache"),
  };
  const dry = mode === "preview" ? ["--dry-run"] : [];
  const options = ["--organization=organization", "--parallel=8", ...dry, programFile];
  const child = spawn(process.execPath, [cmdRun, ...flags, ...options], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  await served.close();
  return code === 0 ? [] : [new Error(`the program ended with ${code}`)];
};

type Scenario = { mode: RunOptions["mode"]; config: Record<string, string> };
const scenarios: Record<string, Scenario> = {
  "a first preview": { mode: "preview", config: { "devflow:version": "1" } },
  "a first up": { mode: "up", config: { "devflow:version": "1" } },
  "an up without changes": { mode: "up", config: { "devflow:version": "1" } },
  "a preview of changes": { mode: "preview", config: { "devflow:version": "2" } },
  "an up in which something fails": { mode: "up", config: { "devflow:version": "2", "devflow:broken": "create" } },
  "an up that goes on": { mode: "up", config: { "devflow:version": "2" } },
};

test("the same program under the SDK's own cmd/run gives the same registrations, operations and effects", async () => {
  const [inProcess, overGrpc] = [bench(), bench()];
  try {
    for (const [name, { mode, config }] of Object.entries(scenarios)) {
      const more = {
        config: { ...config, "devflow:password": "conform-secret" },
        secretConfig: ["devflow:password"],
      };
      const here = await runProgram(inProcess.options(mode, program, more));
      const there = await deploy(overGrpc.options(mode, program, more), underCmdRun);
      expect({ name, ...(await account(overGrpc, there)) }).toEqual({ name, ...(await account(inProcess, here)) });
    }
    expect(things(inProcess.things)).toEqual(["base", "group-child", "only-second", "stays", "user"]);
  } finally {
    inProcess.remove();
    overGrpc.remove();
  }
});

/** All of a run but times, the folder it worked in, and the order of what is independent. */
async function account(b: Bench, result: RunResult) {
  const state = await b.load();
  const resources = [...state.resources.values()].map(({ created: _, modified: __, ...resource }) => resource);
  const whole = {
    steps: stepsOf(result),
    outputs: result.revealOutputs(),
    failed: result.failed.map(({ urn, error }) => `${urn}: ${error.message}`),
    changes: result.changes,
    calls: calls(b.things).sort(),
    resources: resources.sort((a, z) => a.urn.localeCompare(z.urn)),
  };
  return JSON.parse(JSON.stringify(whole).replaceAll(b.folder, "FOLDER"));
}
