import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { parsePsEnvironment } from "../../../installer/supervisor/marker.ts";
import {
  family,
  identify,
  isAlive,
  parsePs,
  processTable,
  type Row,
} from "../../../installer/supervisor/process-table.ts";

const row = (pid: number, wanted: Partial<Row> = {}): Row => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  state: "S",
  zombie: false,
  cpu: 0,
  start: `${pid}@boot`,
  ...wanted,
});
const pids = (rows: Row[]): number[] => rows.map(({ pid }) => pid).sort((a, b) => a - b);

test("a family is the group, the session and all descendants, without zombies", () => {
  const rows = [
    row(100),
    row(101, { parent: 100, group: 100, session: 100 }),
    row(102, { parent: 100 }),
    row(103, { parent: 102 }),
    row(104, { parent: 1, group: 104, session: 100 }),
    row(105, { parent: 100, group: 100, zombie: true }),
    row(200),
  ];
  expect(pids(family(rows, { pid: 100, start: "100@boot" }))).toEqual([100, 101, 102, 103, 104]);
});

test("a family without its leader is found by group and by having been seen before", () => {
  const rows = [row(101, { group: 100, session: 100 }), row(102), row(103, { start: "other@boot" }), row(200)];
  const known = [
    { pid: 102, start: "102@boot" },
    { pid: 103, start: "103@boot" },
  ];
  expect(pids(family(rows, { pid: 100, start: "100@boot" }, known))).toEqual([101, 102]);
});

test("a number that was given out again is not the process that had it, nor after a reboot", () => {
  const reused = [row(100, { start: "999@boot" }), row(101, { group: 100, session: 100 })];
  expect(family(reused, { pid: 100, start: "100@boot" })).toEqual([]);
  expect(family([row(101, { group: 100, session: 100 })], { pid: 100, start: "100@former boot" })).toEqual([]);
});

test("a family never contains the supervisor or, through it, other processes", () => {
  const rows = [row(100), row(process.pid, { parent: 100 }), row(300, { parent: process.pid })];
  expect(pids(family(rows, { pid: 100, start: "100@boot" }))).toEqual([100]);
});

test("a living process is identified by its start, a dead one is not alive", async () => {
  const child = spawn("sleep", ["1000"], { detached: true });
  const identity = await identify(child.pid ?? 0);
  expect(identity?.start).toMatch(/^\S.*@\S+$/);
  expect(isAlive(identity ?? { pid: 0, start: "" })).toBe(true);
  expect(pids(family(await processTable(), identity ?? { pid: 0, start: "" }))).toEqual([child.pid]);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(identity ?? { pid: 0, start: "" })).toBe(false);
});

test("the process table of macOS is understood", () => {
  const listing = [
    "    1     0     1 Ss    12345   1:02.50 Mon Jan  5 09:00:00 2026",
    "  501     1   501 Z         0   0:00.00 Mon Jan  5 09:00:01 2026",
    "",
  ].join("\n");
  const [init, zombie] = parsePs(listing, "B");
  expect(init).toMatchObject({
    pid: 1,
    parent: 0,
    group: 1,
    state: "S",
    rss: 12345 * 1024,
    start: "Mon Jan 5 09:00:00 2026@B",
  });
  expect(init?.cpu).toBeCloseTo(62.5);
  expect(zombie?.zombie).toBe(true);
  expect(parsePs("9 1 9 S 1 1-00:00:01 x", "B")[0]?.cpu).toBe(86_401);
});

test("the environments that ps shows on macOS are searched for the marker", () => {
  const listing = "  12 /bin/x -a PATH=/bin DEVFLOW_PROCESS=abc/web HOME=/x\n  13 /bin/y DEVFLOW_PROCESS=other/web\n";
  expect(parsePsEnvironment(listing, "abc")).toEqual([[12, "web"]]);
});
