import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLock, withLock } from "../../../installer/engine/index.ts";

let folder: string;
let file: string;
let log: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "devflow-lock-"));
  file = join(folder, "state.json.lock");
  log = join(folder, "log");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function holder(hold: number, how: "live" | "die" = "live") {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lock-child.ts"), file, log, String(hold), how]);
  children.push(child);
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  const said = new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  const ended = new Promise<string>((resolve) => child.once("exit", () => resolve(text)));
  return { child, said, ended };
}

test("a live holder is named to whoever comes second, and its lock goes with it", async () => {
  const first = holder(60_000);
  await first.said;
  expect(await readLock(file)).toMatchObject({ pid: first.child.pid, command: "up", host: hostname() });
  await expect(withLock(file, "destroy", async () => {})).rejects.toMatchObject({
    code: "LOCKED",
    message: expect.stringContaining(`pid ${first.child.pid}`),
    hint: expect.stringContaining(`kill ${first.child.pid}`),
  });
  first.child.kill("SIGKILL");
  await first.ended;
  expect(await readLock(file)).toBeUndefined();
  expect(await withLock(file, "destroy", async () => "taken over")).toBe("taken over");
  expect(readdirSync(folder)).toEqual(["log"]);
});

test("a lock of a process that only shares the pid is taken over", async () => {
  const mine = { pid: process.pid, start: "long ago", host: hostname(), user: "u", command: "up", since: "2020-01-01" };
  writeFileSync(file, JSON.stringify(mine));
  expect(await withLock(file, "up", async () => (await readLock(file))?.pid)).toBe(process.pid);
  expect(existsSync(file)).toBe(false);
});

test("a lock of another machine is respected, and the error says how to remove it", async () => {
  const theirs = { pid: 1, start: "", host: "elsewhere", user: "u", command: "up", since: "2020-01-01" };
  writeFileSync(file, JSON.stringify(theirs));
  await expect(withLock(file, "up", async () => {})).rejects.toMatchObject({
    code: "LOCKED",
    message: expect.stringContaining("on elsewhere"),
    hint: expect.stringContaining("state.json.lock"),
  });
});

test("who holds a lock may take it again within; others of the same process may not", async () => {
  await withLock(file, "up", async () => {
    expect(await withLock(file, "inner", async () => "in")).toBe("in");
    expect(await readLock(file)).toMatchObject({ command: "up" });
  });
  let free = () => {};
  const outer = withLock(file, "up", () => new Promise<void>((resolve) => (free = resolve)));
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(withLock(file, "other", async () => {})).rejects.toMatchObject({ code: "LOCKED" });
  free();
  await outer;
});

test("of many processes that find a dead lock at once, one at a time holds it", async () => {
  await holder(0, "die").ended;
  expect(existsSync(file)).toBe(true);
  const crowd = Array.from({ length: 6 }, (_, i) => holder(150, i % 3 === 0 ? "die" : "live"));
  await Promise.all(crowd.map(({ ended }) => ended));
  let inside: string | undefined;
  const killed = new Set(
    crowd.filter(({ child }) => child.signalCode === "SIGKILL").map(({ child }) => String(child.pid)),
  );
  const lines = readFileSync(log, "utf8").trim().split("\n").slice(1);
  expect(lines.filter((line) => line.startsWith("in")).length).toBeGreaterThan(0);
  for (const line of lines) {
    const [what, pid] = line.split(" ") as [string, string];
    if (what === "in") {
      // Whoever was inside before has left, or was killed inside.
      expect(inside === undefined || killed.has(inside)).toBe(true);
      inside = pid;
    } else if (what === "out") {
      expect(inside).toBe(pid);
      inside = undefined;
    }
  }
  await withLock(file, "last", async () => {});
  expect(readdirSync(folder)).toEqual(["log"]);
});

test("in one process, a crowd that finds a dead lock is served one at a time", async () => {
  for (let round = 0; round < 30; round++) {
    const dead = { pid: 2 ** 22 + 1, start: `x${round}`, host: hostname(), user: "u", command: "up", since: "2020" };
    writeFileSync(file, JSON.stringify(dead));
    let inside = 0;
    const one = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
    };
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => withLock(file, "up", one)));
    const refused = results.filter((result) => result.status === "rejected");
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "LOCKED" });
    expect(refused.length).toBeLessThan(8);
    expect(readdirSync(folder)).toEqual([]);
  }
});
