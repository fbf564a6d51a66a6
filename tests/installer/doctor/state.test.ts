import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixSafe } from "../../../installer/doctor/index.ts";
import { interrupted } from "../../../installer/doctor/rules/interrupted.ts";
import { lastRun } from "../../../installer/doctor/rules/last-run.ts";
import { lock } from "../../../installer/doctor/rules/lock.ts";
import { permissions } from "../../../installer/doctor/rules/permissions.ts";
import { state } from "../../../installer/doctor/rules/state.ts";
import { readLock, withLock } from "../../../installer/engine/lock.ts";
import { ailingStack, resource } from "./ailing-stack.ts";

const two = [{ put: resource("devflow:index:Volume", "one") }, { put: resource("devflow:index:Volume", "two") }];

test("doctor says that a stack was never brought up, and nothing of a sound state", async () => {
  await using stack = await ailingStack();
  expect(await stack.look({ rules: [state] })).toMatchObject([{ id: "state-none", severity: "info" }]);
  await stack.record(two);
  expect(await stack.look({ rules: [state, permissions, lock, interrupted, lastRun] })).toEqual([]);
});

test("doctor offers the previous copy of a damaged state, and --fix brings all of it back", async () => {
  await using stack = await ailingStack();
  await stack.record(two.slice(0, 1));
  await stack.record(two.slice(1));
  await truncate(stack.paths.state, 40);
  const found = await stack.look({ rules: [state] });
  expect(found).toMatchObject([{ id: "state-corrupt", severity: "error", fix: { safe: true } }]);
  const [fixed] = await fixSafe(found);
  expect(fixed).toMatchObject({ done: true });
  expect(fixed?.result).toContain(`${stack.paths.state}.damaged`);
  expect([...(await stack.store.load()).resources.keys()]).toHaveLength(2);
  expect(await stack.look({ rules: [state] })).toEqual([]);
});

test("doctor does not touch a damaged state while a command holds the lock, or without a copy", async () => {
  await using stack = await ailingStack();
  await stack.record(two);
  await stack.record(two);
  await truncate(stack.paths.state, 40);
  await withLock(`${stack.paths.state}.lock`, "up", async () => {
    const [found] = await stack.look({ rules: [state] });
    expect(found?.fix?.safe).toBe(false);
    expect(await fixSafe(found ? [found] : [])).toEqual([]);
  });
  await rm(`${stack.paths.state}.bak`, { force: true });
  const [hopeless] = await stack.look({ rules: [state] });
  expect(hopeless).toMatchObject({ id: "state-corrupt", fix: { safe: false } });
  expect(hopeless?.detail).toContain("no previous copy");
});

test("doctor tells a missing key and a wrong one from a damaged state", async () => {
  await using stack = await ailingStack();
  await stack.record(two);
  await writeFile(stack.paths.key, Buffer.alloc(32, 7));
  expect(await stack.look({ rules: [state] })).toMatchObject([{ id: "state-key", severity: "error" }]);
  await rm(stack.paths.key);
  const [missing] = await stack.look({ rules: [state] });
  expect(missing?.title).toContain("is missing");
});

test("doctor names operations that a run was cut off in, but not while a run is at work", async () => {
  await using stack = await ailingStack();
  const begun = { type: "creating" as const, resource: resource("devflow:index:Process", "gitea") };
  await stack.record([...two, { begin: begun }], { cut: true });
  const [found] = await stack.look({ rules: [interrupted] });
  expect(found).toMatchObject({
    id: "run-interrupted",
    title: "the last run was cut off in 1 operation",
    evidence: ["creating devflow:index:Process gitea"],
    fix: { command: "./devflow up", safe: false },
  });
  await withLock(`${stack.paths.state}.lock`, "up", async () => {
    expect(await stack.look({ rules: [interrupted] })).toEqual([]);
  });
});

test("doctor removes the lock of a dead command and leaves that of a living one", async () => {
  await using stack = await ailingStack();
  await stack.record(two);
  const file = `${stack.paths.state}.lock`;
  const dead = spawn("true");
  await once(dead, "exit");
  const holder = { host: hostname(), user: userInfo().username, command: "up", since: "2026-01-01T00:00:00.000Z" };
  await writeFile(file, JSON.stringify({ ...holder, pid: dead.pid, start: "1" }), { mode: 0o600 });
  const found = await stack.look({ rules: [lock] });
  expect(found).toMatchObject([{ id: "lock-stale", severity: "info", fix: { safe: true } }]);
  await withLock(file, "up", async () => {
    expect(await stack.look({ rules: [lock] })).toEqual([]);
    const [kept] = await fixSafe(found);
    expect(kept?.result).toContain("left it alone");
    expect(await readLock(file)).toBeDefined();
  });
  await writeFile(file, JSON.stringify({ ...holder, pid: dead.pid, start: "1" }), { mode: 0o600 });
  await fixSafe(found);
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

test("doctor names a command that has held the lock for hours", async () => {
  await using stack = await ailingStack();
  await stack.record(two);
  const file = `${stack.paths.state}.lock`;
  await withLock(file, "up", async () => {
    const held = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...held, since: new Date(Date.now() - 3 * 3_600_000).toISOString() }));
    const [found] = await stack.look({ rules: [lock] });
    expect(found).toMatchObject({ id: "lock-held", severity: "warning" });
    expect(found?.title).toMatch(/"up" of .* has been at work for 3 h/);
  });
});

test("doctor closes files with secrets that others may read, and only those", async () => {
  await using stack = await ailingStack();
  await stack.record(two);
  const { paths } = stack;
  await writeFile(paths.secrets, "POSTGRES__SUPERUSER=x\n", { mode: 0o600 });
  await chmod(paths.key, 0o644);
  await chmod(paths.secrets, 0o640);
  await chmod(paths.root, 0o755);
  const cluster = join(paths.data("postgres"), "cluster");
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  await chmod(cluster, 0o755);
  const found = await stack.look({ rules: [permissions] });
  expect(found).toMatchObject([{ id: "permissions", severity: "error", fix: { safe: true } }]);
  expect(found[0]?.evidence).toEqual([
    `0755 ${paths.root}`,
    `0755 ${cluster}`,
    `0644 ${paths.key}`,
    `0640 ${paths.secrets}`,
  ]);
  await fixSafe(found);
  const modes = await Promise.all(
    [paths.root, paths.key, paths.secrets, cluster].map(async (path) => (await stat(path)).mode & 0o777),
  );
  expect(modes.map((mode) => mode.toString(8))).toEqual(["711", "600", "600", "750"]);
  expect(await stack.look({ rules: [permissions] })).toEqual([]);
});

test("doctor tells how the last run ended", async () => {
  await using stack = await ailingStack();
  const run = join(stack.paths.runs, "20260101T000000-abcdef");
  await mkdir(run, { recursive: true });
  const createdAt = "2026-01-01T00:00:00.000Z";
  await writeFile(
    join(run, "run.json"),
    JSON.stringify({ id: "20260101T000000-abcdef", createdAt, mode: "up", steps: [] }),
  );
  expect(await stack.look({ rules: [lastRun] })).toMatchObject([{ title: `the last "up" (${createdAt}) was cut off` }]);
  const error = {
    code: "COMPONENT_FAILED",
    message: "gitea does not run: exited.\nIts log ends with:",
    hint: "Read it.",
    docs: "",
  };
  await writeFile(join(run, "result.json"), JSON.stringify({ finishedAt: createdAt, status: "failed", error }));
  expect(await stack.look({ rules: [lastRun] })).toMatchObject([
    {
      severity: "warning",
      title: `the last "up" (${createdAt}) failed: gitea does not run: exited`,
      detail: "Read it.",
    },
  ]);
  await writeFile(join(run, "result.json"), JSON.stringify({ finishedAt: createdAt, status: "done" }));
  expect(await stack.look({ rules: [lastRun] })).toEqual([]);
});
