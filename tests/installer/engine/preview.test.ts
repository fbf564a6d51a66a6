import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, stepsOf, summary } from "./bench.ts";
import { calls, things } from "./thing.ts";
import { fixed, Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

describe("preview", () => {
  const before = async () => {
    const a = new Thing("a", { content: 1 });
    new Thing("b", { content: a.path });
    new Thing("stays");
    new Thing("goes");
    const one = fixed("one", { kind: "x" });
    fixed("two", { kind: one.size.apply((size) => `k${size}`) });
  };
  const after = async () => {
    const a = new Thing("a", { content: 2 });
    new Thing("b", { file: "b2", content: a.path });
    new Thing("stays");
    new Thing("comes", { content: pulumi.interpolate`${a.token}` });
    const one = fixed("one", { kind: "y", content: "longer" });
    fixed("two", { kind: one.size.apply((size) => `k${size}`) });
  };

  test("a preview lists the steps that up then takes, and does nothing", async () => {
    await b.up(before);
    const made = calls(b.things);
    const plan = await b.preview(after);
    expect(plan.failed).toEqual([]);
    expect(calls(b.things)).toEqual(made);
    expect(summary(plan)).toEqual([
      "create comes",
      "delete goes",
      "replace b",
      "replace one",
      "replace two",
      "update a",
    ]);
    const done = await b.up(after);
    expect(done.failed).toEqual([]);
    expect(stepsOf(done)).toEqual(stepsOf(plan));
    expect(done.changes).toEqual(plan.changes);
    expect(things(b.things)).toEqual(["a", "b2", "comes", "one", "stays", "two"]);
  });

  test("a first preview leaves no file behind and knows what the provider knows", async () => {
    const plan = await b.preview(async () => {
      const a = new Thing("a");
      return { path: a.path, size: a.size };
    });
    expect(plan.outputs).toEqual({ path: join(b.things, "a.thing"), size: "[unknown]" });
    expect(things(b.folder)).toEqual([]);
    expect(plan.steps.map(({ status }) => status)).toEqual(["planned", "planned"]);
  });

  test("steps say which inputs change, and mask what is secret or unknown", async () => {
    await b.up(async () => {
      new Thing("a", { content: { list: [1, 2], deep: { x: 1 } }, password: pulumi.secret("first-password") });
    });
    const plan = await b.preview(async () => {
      const other = new Thing("other");
      const password = pulumi.secret("second-password");
      new Thing("a", { content: { list: [1, 3], size: other.size }, password });
    });
    expect(plan.steps.find(({ name }) => name === "a")?.diff).toEqual([
      { path: "content.deep", kind: "delete", before: { x: 1 } },
      { path: "content.list[1]", kind: "update", before: 2, after: 3 },
      { path: "content.size", kind: "add", after: "[unknown]" },
      { path: "password", kind: "update", before: "[secret]", after: "[secret]" },
    ]);
  });
});
