import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, bench, summary } from "./bench.ts";
import { calls, contentOf, things } from "./thing.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

test("a program's resources are created, kept, updated and deleted", async () => {
  const program = (content: string, more: boolean) => async () => {
    const first = new Thing("first", { content });
    if (more) new Thing("second", { content: first.path });
    return { size: first.size };
  };
  const created = await b.up(program("a", true));
  expect(created.failed).toEqual([]);
  expect(summary(created)).toEqual(["create first", "create second"]);
  expect(created.outputs).toEqual({ size: 3 });
  expect(things(b.things)).toEqual(["first", "second"]);
  expect(contentOf(b.things, "second")).toContain("first.thing");

  expect(summary(await b.up(program("a", true)))).toEqual([]);
  expect(summary(await b.up(program("bb", true)))).toEqual(["update first"]);
  expect(summary(await b.up(program("bb", false)))).toEqual(["delete second"]);
  expect(things(b.things)).toEqual(["first"]);
  const destroyed = await b.run("destroy");
  expect(destroyed.changes).toMatchObject({ delete: 1 });
  expect(things(b.things)).toEqual([]);
  expect(calls(b.things)).toEqual([
    "create first new",
    "create second new",
    "update first again",
    "delete second gone",
    "delete first gone",
  ]);
});

test("two stacks run one after another in one process and know nothing of each other", async () => {
  const other = bench();
  try {
    const program = async () => {
      const config = new pulumi.Config("devflow");
      new Thing(config.require("name"));
      return { stack: pulumi.getStack(), name: config.get("name") };
    };
    const first = await b.up(program, { stack: "one", config: { "devflow:name": "a" } });
    const second = await other.up(program, { stack: "two", config: { "devflow:name": "b" } });
    expect([first.outputs, second.outputs]).toEqual([
      { stack: "one", name: "a" },
      { stack: "two", name: "b" },
    ]);
    expect([things(b.things), things(other.things)]).toEqual([["a"], ["b"]]);
  } finally {
    other.remove();
  }
});

test("a second run at the same time in one process is refused as a bug", async () => {
  const first = b.up(async () => void new Thing("a", { takes: 200 }));
  await expect(b.up(async () => {})).rejects.toThrow("Two runs of the embedded engine");
  expect((await first).failed).toEqual([]);
});

test("at most `parallel` effects are under way, and that many are", async () => {
  let now = 0;
  let most = 0;
  const hook = (point: "before" | "after") => {
    now += point === "before" ? 1 : -1;
    most = Math.max(most, now);
  };
  const program = async () => {
    for (let i = 0; i < 12; i++) new Thing(`t${i}`, { takes: 30 });
  };
  await b.up(program, { parallel: 3, providers: b.providers({ hook }) });
  expect(most).toBe(3);
});
