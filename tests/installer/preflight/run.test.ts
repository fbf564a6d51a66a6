import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { type Check, CheckResult, checks, preflight } from "../../../installer/preflight/index.ts";
import { inputFor, temporaryFolder } from "./machine.ts";

test("preflight answers every check in order with a result that fits the schema", async () => {
  await using folder = await temporaryFolder();
  const results = await preflight(inputFor({ folder: folder.path }));
  expect(results.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  for (const result of results) {
    expect([...Value.Errors(CheckResult, result)], result.name).toEqual([]);
    expect(result.result, result.name).not.toMatch(/\.$/);
    expect(result.why, result.name).toMatch(/\.$/);
  }
  expect(results.length).toBeGreaterThanOrEqual(14);
  expect(new Set(results.map(({ name }) => name)).size).toBe(results.length);
});

test("preflight leaves nothing behind, not even folders that are still to be made", async () => {
  await using folder = await temporaryFolder();
  const { readdir, rmdir } = await import("node:fs/promises");
  await rmdir(`${folder.path}/home`);
  await preflight(inputFor({ folder: folder.path }));
  expect(await readdir(folder.path, { recursive: true })).toEqual(["cache"]);
});

test("a check that hangs becomes a warning after the limit and is told to give up", async () => {
  await using folder = await temporaryFolder();
  let told = false;
  const hanging: Check = {
    name: "hanging",
    title: "Hanging",
    why: "It never answers.",
    run: (_, signal) =>
      new Promise(() => {
        signal.addEventListener("abort", () => {
          told = true;
        });
      }),
  };
  const [result] = await preflight(inputFor({ folder: folder.path }), { checks: [hanging], limit: 100 });
  expect(result).toMatchObject({ status: "warn", result: "no answer within 0.1 s" });
  expect(told).toBe(true);
});

test("a check that breaks becomes a warning with its reason and stops no other", async () => {
  await using folder = await temporaryFolder();
  const broken: Check = {
    name: "broken",
    title: "Broken",
    why: "It throws.",
    run: () => Promise.reject(new Error("odd disk")),
  };
  const fine: Check = { ...broken, name: "fine", run: async () => ({ status: "ok", result: "well" }) };
  const results = await preflight(inputFor({ folder: folder.path }), { checks: [broken, fine] });
  expect(results.map(({ status, result }) => [status, result])).toEqual([
    ["warn", "could not be checked: odd disk"],
    ["ok", "well"],
  ]);
});
