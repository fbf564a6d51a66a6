import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { appendFileSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followLog, lastLines, quotableLines } from "../../../installer/supervisor/log-reading.ts";
import { rotate, rotated } from "../../../installer/supervisor/log-rotation.ts";
import { until } from "./test-stack.ts";

let log: string;
beforeEach(async () => {
  log = join(await mkdtemp(join(tmpdir(), "supervisor-logs-")), "x.log");
});
afterEach(() => rm(dirname(log), { recursive: true }));

const numbered = (from: number, to: number): string => {
  let text = "";
  for (let n = from; n <= to; n += 1) text += `line ${n}\n`;
  return text;
};

test("the last lines of a large log are read from its end, also without a final newline", () => {
  writeFileSync(log, `${numbered(1, 50_000)}unfinished`);
  expect(lastLines(log, 3)).toEqual(["line 49999", "line 50000", "unfinished"]);
  expect(lastLines(log, 20_000)).toHaveLength(20_000);
  expect(lastLines(log, 0)).toEqual([]);
  expect(lastLines(`${log}.missing`, 5)).toEqual([]);
});

test("the last lines reach into the rotated file", () => {
  writeFileSync(rotated(log, 1), numbered(1, 10));
  writeFileSync(log, numbered(11, 12));
  expect(lastLines(log, 4)).toEqual(["line 9", "line 10", "line 11", "line 12"]);
  expect(lastLines(log, 100)).toHaveLength(12);
});

test("quoted lines are short and cannot act on a terminal", () => {
  writeFileSync(log, `\u001b[31mred\u001b[0m\u0007\u0000\n${"x".repeat(10_000)}\n`);
  const [red, long] = quotableLines(log, 2);
  expect(red).toBe("red");
  expect(long).toHaveLength(500);
});

test("rotation keeps so many files and drops the oldest", () => {
  for (let round = 1; round <= 5; round += 1) {
    appendFileSync(log, `round ${round}\n`);
    expect(rotate(log, { size: 1, keep: 3 })).toBe(true);
  }
  expect(rotate(log, { size: 1, keep: 3 })).toBe(false);
  expect([1, 2, 3].map((n) => readFileSync(rotated(log, n), "utf8"))).toEqual(["round 5\n", "round 4\n", "round 3\n"]);
  expect(existsSync(rotated(log, 4))).toBe(false);
  expect(statSync(rotated(log, 1)).mode & 0o777).toBe(0o600);
});

test("a log is rotated while its writer holds it open, and its lines stay whole and in order", async () => {
  const lines = 4_000;
  const code = `const { writeSync } = require("node:fs");
    for (let n = 1; n <= ${lines}; n += 1) {
      writeSync(1, "line " + n + "\\n");
      if (n % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }`;
  const writer = spawn(process.execPath, ["-e", code], { stdio: ["ignore", openSync(log, "a"), "inherit"] });
  const ended = once(writer, "exit");
  let rotations = 0;
  while (writer.exitCode === null) {
    if (rotate(log, { size: 4_000, keep: 1_000 })) rotations += 1;
    await sleep(1);
  }
  await ended;
  const files = [...Array(rotations).keys()].map((n) => rotated(log, n + 1)).reverse();
  const seen = [...files, log].flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean));
  expect(rotations).toBeGreaterThan(2);
  // Never twice, never out of order, never torn.
  const numbers = seen.map((line) => Number(/^line (\d+)$/.exec(line)?.[1]));
  expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
  // What is written between the copy and the cut is lost: how much depends on the machine, and is never most of it.
  expect(numbers.length).toBeGreaterThan(lines / 2);
});

test("following a log goes on across rotations and truncation", async () => {
  const rotations = new EventEmitter<{ rotated: [string] }>();
  const over = new AbortController();
  writeFileSync(log, "one\ntwo\n");
  let text = "";
  const following = (async () => {
    for await (const chunk of followLog(log, { lines: 1, signal: over.signal, rotations })) text += chunk.toString();
  })();
  await until(() => text === "two\n");
  appendFileSync(log, "three\n");
  rotate(log, { size: 1, keep: 2 });
  rotations.emit("rotated", log);
  appendFileSync(log, "four, which is longer than all that was there before\n");
  await until(() => text.endsWith("before\n"));
  writeFileSync(log, "");
  await sleep(500);
  appendFileSync(log, "five\n");
  await until(() => text.endsWith("five\n"));
  over.abort();
  await following;
  expect(text).toBe("two\nthree\nfour, which is longer than all that was there before\nfive\n");
  expect(rotations.listenerCount("rotated")).toBe(0);
});
