import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestStack, testStack } from "./stack.ts";

let one: TestStack;
let other: TestStack;

beforeAll(async () => {
  [one, other] = [await testStack(), await testStack()];
  for (const stack of [one, other]) {
    const up = await stack.devflow("up", "--yes", "--wait");
    expect(up.code, up.stderr).toBe(0);
  }
}, 180_000);

afterAll(async () => {
  await one.remove();
  await other.remove();
});

test("a running stack is not moved onto another's ports, and both serve on as they did", async () => {
  const before = await readFile(other.answers, "utf8");
  const moved = await other.devflow("up", "--yes", "--set", `network.port=${one.port}`);
  expect(moved.code, moved.stderr).toBe(4);
  // However it is wrapped.
  expect(moved.stderr.replace(/\s+/g, " ")).toContain(`held by another DevFlow stack: local (${one.paths.root})`);
  expect(moved.stderr).toContain("--set network.port=");
  expect(moved.stderr).not.toContain("kill");
  expect(await readFile(other.answers, "utf8")).toBe(before);
  const people = await other.devflow("users", "list", "--json", "--set", `network.port=${one.port}`);
  expect(people.code, people.stderr).toBe(0);
  for (const stack of [one, other]) expect((await stack.devflow("status")).code).toBe(0);
}, 120_000);

test("--set network.port moves a running stack with all its ports, and its data with it", async () => {
  const port = other.port + 40;
  const moved = await other.devflow("up", "--yes", "--wait", "--set", `network.port=${port}`);
  expect(moved.code, moved.stderr).toBe(0);
  expect((await fetch(`http://localhost:${port}/api/platform/version`)).status).toBe(200);
  await expect(fetch(`http://localhost:${other.port}/api/platform/version`)).rejects.toThrow();
  const elsewhere = await fetch(`http://127.0.0.1:${port}/v1/models`);
  expect([elsewhere.status, (await elsewhere.json()).error.code]).toEqual([421, "MISDIRECTED"]);
}, 120_000);
