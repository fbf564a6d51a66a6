import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { history } from "../../installer/run/follow.ts";
import { listRuns, liveRun, runnerOf } from "../../installer/run/run.ts";
import type { StackStatus } from "../../installer/run/status.ts";
import { readInstance } from "../../installer/supervisor/instance.ts";
import { eventually, running, type TestStack, testStack } from "./stack.ts";

/** What goes wrong on real machines. Each begins with an empty home. */
describe("accidents", () => {
  let stack: TestStack;
  beforeEach(async () => {
    stack = await testStack();
  });
  afterEach(() => stack.remove());

  test("two `up` at once make one run and both end well", async () => {
    const ended = await Promise.all([stack.devflow("up", "--yes"), stack.devflow("up", "--yes")]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    for (const { stderr } of ended) expect(stderr).toContain(`Open     http://localhost:${stack.port}`);
    expect((await status()).state).toBe("ready");
    const started = await startsOf("postgres");
    expect(started).toBe(1);
  });

  test("a runner that is killed in the middle is noticed, and up resumes without making anything twice", async () => {
    const first = stack.start("up", "--yes");
    await first.shows(/(postgres|proxy).*starting/);
    const runner = await killRunner();
    const ended = await first.ended;
    expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining("`./devflow up` resumes")]);
    expect(await running(runner)).toBe(false);
    const broken = await stack.devflow("status");
    expect([broken.code, broken.stdout]).toEqual([1, expect.stringContaining("`./devflow up` resumes")]);
    const again = await stack.devflow("up", "--yes");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Open     http://")]);
    expect((await status()).state).toBe("ready");
  });

  test("closing the terminal does not stop a run", async () => {
    const first = stack.start("up", "--yes");
    await first.shows(/starting/);
    first.child.kill("SIGHUP");
    await first.ended;
    await eventually(async () => expect((await status()).state).toBe("ready"), 90);
    const [run] = await listRuns(stack.paths);
    expect((await status()).run).toMatchObject({ id: run?.id, state: "done" });
  });

  test("Ctrl-C ends a run after the steps in hand, and up resumes", async () => {
    const first = stack.start("up", "--yes");
    await first.shows(/starting/);
    first.child.kill("SIGINT");
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining("`./devflow up` resumes")]);
    expect(await liveRun(stack.paths)).toBeUndefined();
    expect((await stack.devflow("up", "--yes")).code).toBe(0);
    expect((await status()).state).toBe("ready");
  });

  test("Ctrl-C twice stops at once, and up resumes", async () => {
    const first = stack.start("up", "--yes");
    await first.shows(/platform .*starting/);
    first.child.kill("SIGINT");
    await first.shows(/Ctrl-C again stops at once/);
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    await eventually(async () => expect(await liveRun(stack.paths)).toBeUndefined());
    expect(await states()).not.toContain("platform failed");
    const again = await stack.devflow("up", "--yes");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Open     http://")]);
    expect((await status()).run?.state).toBe("done");
    expect((await stack.devflow("up", "--yes")).stderr).toContain("Nothing to do");
  });

  test("an up while a run is under way joins it", async () => {
    const first = stack.start("up", "--yes");
    await first.shows(/starting/);
    const second = await stack.devflow("up", "--yes");
    expect([second.code, second.stderr]).toEqual([0, expect.stringContaining("A run is under way; joining it.")]);
    expect((await first.ended).code).toBe(0);
    expect(await listRuns(stack.paths)).toHaveLength(1);
  });

  test("a port that is taken is named, and another block is used and remembered", async () => {
    const holder = createServer().listen(stack.port, "127.0.0.1");
    try {
      const { code, stderr } = await stack.devflow("up", "--yes");
      expect(code).toBe(0);
      expect(stderr).toMatch(new RegExp(`port ${stack.port} is held by .*${process.pid}`));
      const chosen = Number(/port: *(\d+)/.exec(await readFile(stack.answers, "utf8"))?.[1]);
      expect(chosen).not.toBe(stack.port);
      expect(stderr).toContain(`Open     http://localhost:${chosen}`);
      expect((await fetch(`http://localhost:${chosen}/healthz`)).status).toBe(200);
    } finally {
      holder.close();
    }
  });

  test("wrong answers are refused with file, line and what is meant, before anything is made", async () => {
    await writeFile(stack.answers, "version: 1\nprofile: standrad\nnetwork:\n  prot: 4400\n");
    const { code, stderr } = await stack.devflow("up", "--yes");
    expect(code).toBe(3);
    expect(stderr).toContain("devflow.yaml:2");
    expect(stderr).toContain("standard");
    expect(stderr).toContain("devflow.yaml:4");
    expect(await listRuns(stack.paths)).toEqual([]);
    const { stdout } = await stack.devflow("up", "--yes", "--json");
    expect(JSON.parse(stdout).error).toMatchObject({ code: "CONFIG_INVALID", docs: "docs/configuration.md" });
  });

  test("a component that fails is named with the way on, the others serve, and up resumes", async () => {
    const inTheWay = stack.paths.data("metrics");
    await mkdir(dirname(inTheWay), { recursive: true });
    await writeFile(inTheWay, "not a folder");
    const { code, stderr } = await stack.devflow("up", "--yes", "--set", "components.metrics=true");
    expect([code, stderr]).toEqual([8, expect.stringMatching(/✗ metrics 3\.16\.0: failed/)]);
    expect(stderr).toMatch(/✓ platform .*ready/);
    expect(stderr).toContain("./devflow logs run");
    expect(await states()).toEqual(["metrics failed", "platform ready", "postgres ready", "proxy ready"]);
    await rm(inTheWay);
    expect((await stack.devflow("up", "--yes", "--set", "components.metrics=true")).code).toBe(0);
    expect((await status()).state).toBe("ready");
  });

  test("Postgres that is killed while in use comes back by itself", async () => {
    await stack.devflow("up", "--yes");
    const pid = pidOf(await status(), "postgres");
    process.kill(pid, "SIGKILL");
    await eventually(async () => {
      const now = await status();
      expect(pidOf(now, "postgres")).not.toBe(pid);
      expect(now.state).toBe("ready");
    });
    await eventually(async () => expect((await fetch(`http://localhost:${stack.port}/readyz`)).status).toBe(200));
  });

  test("processes outlive a killed supervisor; up adopts them, and down stops them", async () => {
    await stack.devflow("up", "--yes");
    const before = pidOf(await status(), "postgres");
    killSupervisor();
    expect(await running(before)).toBe(true);
    const { code } = await stack.devflow("up", "--yes");
    expect(code).toBe(0);
    expect(pidOf(await status(), "postgres")).toBe(before);
    killSupervisor();
    expect((await stack.devflow("down")).code).toBe(0);
    expect(await running(before)).toBe(false);
  });

  async function status(): Promise<StackStatus> {
    return JSON.parse((await stack.devflow("status", "--json")).stdout);
  }

  async function states(): Promise<string[]> {
    return (await status()).components.map(({ name, state }) => `${name} ${state}`).sort();
  }

  async function killRunner(): Promise<number> {
    const run = await liveRun(stack.paths);
    const pid = run && (await runnerOf(run))?.pid;
    if (pid === undefined) throw new Error("no run is under way");
    process.kill(pid, "SIGKILL");
    await eventually(async () => expect(await running(pid)).toBe(false));
    return pid;
  }

  function killSupervisor(): void {
    const pid = readInstance(stack.paths)?.pid;
    if (pid === undefined) throw new Error("no supervisor runs");
    process.kill(pid, "SIGKILL");
  }

  /** How many times all runs together began to make a component's process. */
  async function startsOf(name: string): Promise<number> {
    const events = (await Promise.all((await listRuns(stack.paths)).map((run) => history(run)))).flat();
    return events.filter(({ urn, state }) => state === "started" && urn.endsWith(`devflow:index:Process::${name}`))
      .length;
  }
});

function pidOf({ components }: StackStatus, name: string): number {
  const found = components.flatMap(({ processes }) => processes).find((process) => process.name === name);
  if (found?.pid === undefined) throw new Error(`${name} does not run`);
  return found.pid;
}
