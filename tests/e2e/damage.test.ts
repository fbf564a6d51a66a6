import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { CheckResult } from "../../installer/preflight/index.ts";
import type { StackStatus } from "../../installer/run/status.ts";
import { eventually, running, type TestStack, testStack } from "./stack.ts";

/** What breaks under a stack: its state, its disk, its clock. */
describe("damage", () => {
  let stack: TestStack;
  afterEach(() => stack?.remove());

  test("a damaged state is refused, its previous copy offered and put back, and nothing is made twice", async () => {
    stack = await testStack();
    await stack.devflow("up", "--yes");
    // A second run that changes something leaves a previous copy.
    expect((await stack.devflow("up", "--yes", "--set", "sizing.postgres.maxConnections=60")).code).toBe(0);
    const before = await processes();
    const whole = await readFile(stack.paths.state, "utf8");
    await writeFile(stack.paths.state, whole.slice(0, whole.length / 2));

    const refused = await stack.devflow("up", "--yes", "--set", "sizing.postgres.maxConnections=60");
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringMatching(/state\.json[\s\S]*doctor\s+--fix/)]);
    expect(await processes()).toEqual(before);

    await stack.devflow("doctor", "--fix");
    expect(existsSync(`${stack.paths.state}.damaged`)).toBe(true);
    const again = await stack.devflow("up", "--yes", "--set", "sizing.postgres.maxConnections=60");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Nothing to do")]);
    expect(await processes()).toEqual(before);
  });

  // An own file system is root's to make, and not in every container.
  test.runIf(mayMount())("a disk that fills up in the middle is named, loses nothing, and up resumes", async () => {
    stack = await testStack();
    const home = dirname(dirname(stack.paths.root));
    await mkdir(home, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", home]);
    try {
      const first = stack.start("up", "--yes");
      await first.shows(/postgres.*(starting|initialising)/);
      const ballast = fill(join(home, "ballast"));
      const { code, stderr } = await first.ended;
      expect(stderr).toMatch(/no space left|disk is full/i);
      expect(code).toBe(9);
      const refused = await stack.devflow("up", "--yes");
      expect([refused.code, refused.stderr]).toEqual([
        4,
        expect.stringMatching(/needed for data .* free[\s\S]*Free space/),
      ]);
      expect((await stack.devflow("doctor")).stdout).toMatch(/the disk of .* has only .* left/);

      await rm(ballast);
      const again = await stack.devflow("up", "--yes");
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Open     http://")]);

      // Full once more, under a database that is killed: it comes back by itself once there is room.
      const full = fill(join(home, "ballast"));
      const postgres = (await processes()).postgres ?? 0;
      process.kill(postgres, "SIGKILL");
      await eventually(async () => expect(await running(postgres)).toBe(false));
      await rm(full);
      await eventually(async () => expect((await status()).state).toBe("ready"), 120);
    } finally {
      await stack.devflow("destroy", "--yes", "--confirm", "local");
      execFileSync("umount", ["-l", home]);
    }
  });

  test("a clock that is days behind is told with how to set it, and the stack comes up all the same", async () => {
    stack = await testStack();
    const behind = Date.now() - new Date("2026-01-02").getTime();
    const wrong = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slow(behind))}` };
    const other = await testStack("", wrong);
    try {
      const { stdout } = await other.devflow("preflight", "--json");
      const checks: CheckResult[] = JSON.parse(stdout).checks;
      expect(checks.find(({ name }) => name === "clock")).toMatchObject({
        status: "warn",
        result: expect.stringMatching(/^the clock is at least .* behind: it says 2026-01-0/),
        fix: expect.stringContaining(process.platform === "darwin" ? "sntp" : "timedatectl"),
      });
      const { code, stderr } = await other.devflow("up", "--yes");
      expect([code, stderr]).toEqual([0, expect.stringMatching(/the clock is at least[\s\S]*Open {5}http/)]);
    } finally {
      await other.remove();
    }
  });

  async function status(): Promise<StackStatus> {
    return JSON.parse((await stack.devflow("status", "--json")).stdout);
  }

  async function processes(): Promise<Record<string, number>> {
    const all = (await status()).components.flatMap((component) => component.processes);
    return Object.fromEntries(all.map(({ name, pid }) => [name, pid ?? 0]));
  }
});

/** Makes the clock of a Node process go so many milliseconds behind. */
function slow(behind: number): string {
  return `const now = Date.now; Date.now = () => now() - ${behind};`;
}

/** Writes until nothing more goes in. */
function fill(path: string): string {
  for (const size of [1 << 20, 4096, 1]) {
    const block = Buffer.alloc(size);
    const file = openSync(path, "a");
    try {
      for (;;) if (writeSync(file, block) < size) break;
    } catch {
      // Full, for blocks of this size.
    } finally {
      closeSync(file);
    }
  }
  return path;
}

function mayMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
