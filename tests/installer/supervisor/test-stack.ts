import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Progress, Reporting } from "../../../components/provider/host.ts";
import { type StackPaths, stackPaths } from "../../../components/provider/paths.ts";
import type { ProcessSpec } from "../../../components/provider/process.ts";
import { connect, ensureRunning, type SupervisorClient } from "../../../installer/supervisor/client.ts";
import type { LaunchOptions } from "../../../installer/supervisor/launch.ts";
import { type Marked, markedProcesses, stackMarker } from "../../../installer/supervisor/marker.ts";

export interface TestStack {
  paths: StackPaths;
  /** Scratch folder; programs run in it. */
  folder: string;
  client(options?: LaunchOptions): Promise<SupervisorClient>;
  /** Writes a Node program and returns the command that runs it. */
  program(name: string, code: string): Promise<string[]>;
  /** Specification of a shell program that is ready as soon as it runs. */
  spec(name: string, wanted: Partial<ProcessSpec> & { sh?: string }): ProcessSpec;
  /** Living processes that carry the stack's marker, main processes and their children. */
  living(label?: string): Promise<Marked[]>;
  /** SIGKILL to the supervisor alone; returns when it is gone. */
  killSupervisor(): Promise<void>;
  /** Stops everything; fails when anything is left. */
  dispose(): Promise<void>;
}

export async function testStack(): Promise<TestStack> {
  const home = await mkdtemp(join(tmpdir(), "supervisor-"));
  const folder = await mkdtemp(join(home, "programs-"));
  const paths = stackPaths(home, "test");
  const stack: TestStack = {
    paths,
    folder,
    client: (options) => ensureRunning(paths, options),
    async program(name, code) {
      await writeFile(join(folder, `${name}.mjs`), code);
      return [process.execPath, join(folder, `${name}.mjs`)];
    },
    spec: (name, { sh = "exec sleep 1000", ...wanted }) => ({
      name,
      component: name,
      version: "1.0",
      command: ["sh", "-c", sh],
      env: {},
      cwd: folder,
      after: [],
      ready: commandProbe("true"),
      stop: { signal: "SIGTERM", deadline: 3000 },
      refusesRoot: false,
      memory: 10,
      ports: [],
      configHash: "",
      ...wanted,
    }),
    async living(label) {
      const found = await markedProcesses(stackMarker(paths.root));
      return found.filter((one) => label === undefined || one.label === label);
    },
    async killSupervisor() {
      const client = await connect(paths);
      if (!client) return;
      const { pid } = await client.version();
      process.kill(pid, "SIGKILL");
      await until(async () => !(await connect(paths)));
    },
    async dispose() {
      const running =
        (await connect(paths)) ?? ((await stack.living()).length > 0 ? await stack.client({ hold: true }) : undefined);
      await running?.stopAll();
      const left = await stack.living();
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      expect(left).toEqual([]);
    },
  };
  return stack;
}

export function commandProbe(...command: string[]): ProcessSpec["ready"] {
  return { kind: "command", command, timeout: 10_000, interval: 200, startTimeout: 60_000 };
}

export function tcpProbe(port: number): ProcessSpec["ready"] {
  return { kind: "tcp", port, timeout: 10_000, interval: 200, startTimeout: 60_000 };
}

export function httpProbe(url: string): ProcessSpec["ready"] {
  return { kind: "http", url, timeout: 10_000, interval: 200, startTimeout: 60_000 };
}

export async function until(met: () => unknown, patience = 60_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`still not so after ${patience} ms: ${met}`);
    await sleep(25);
  }
}

/** Waits until it is ready and returns its status. */
export async function ready(client: SupervisorClient, name: string) {
  const { outcome, reason, status } = await client.wait(name, 60_000);
  expect({ name, outcome, reason }).toEqual({ name, outcome: "ready", reason: undefined });
  return status;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export function reporting(reports: Progress[] = []): Reporting {
  return { signal: AbortSignal.timeout(300_000), report: (progress) => void reports.push(progress) };
}
