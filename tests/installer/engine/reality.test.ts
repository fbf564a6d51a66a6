import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, summary } from "./bench.ts";
import { contentOf, things } from "./thing.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

describe("what is really there", () => {
  const program = async () => {
    const a = new Thing("a", { content: "abc" });
    new Thing("b", { content: a.path });
  };

  test("up makes again what is gone, in the same run", async () => {
    await b.up(program);
    rmSync(join(b.things, "a.thing"));
    expect(summary(await b.preview(program))).toEqual(["create a"]);
    expect(summary(await b.up(program))).toEqual(["create a"]);
    expect(b.events.filter(({ kind }) => kind === "drift")).toMatchObject([{ gone: true }]);
    expect(things(b.things)).toEqual(["a", "b"]);
  });

  test("refresh tells drift and forgets what is gone, so that the next up makes it", async () => {
    await b.up(program);
    rmSync(join(b.things, "b.thing"));
    writeFileSync(join(b.things, "a.thing"), "changed by hand");
    const result = await b.run("refresh");
    expect(result.changes).toMatchObject({ read: 2 });
    expect(b.events.filter(({ kind }) => kind === "drift")).toMatchObject([
      { gone: false, diff: [{ path: "size", before: 5, after: 15 }] },
      { gone: true },
    ]);
    expect(summary(await b.up(program, { refresh: false }))).toEqual(["create b"]);
  });

  test("get reads what the stack does not manage, and never deletes it", async () => {
    await b.up(async () => void new Thing("mine"));
    const other = bench();
    try {
      const providers = b.options("up", async () => {}).providers;
      const existing = async () => {
        const found = new Thing("found", { file: "mine" }, { id: "mine" });
        return { size: found.size };
      };
      const result = await other.up(existing, { providers });
      expect(result.failed).toEqual([]);
      expect(result.outputs).toEqual({ size: 4 });
      await other.run("destroy", undefined, { providers });
      expect(things(b.things)).toEqual(["mine"]);
      const missing = async () => void new Thing("found", {}, { id: "nowhere" });
      expect((await other.up(missing, { providers })).failed.map(({ error }) => error.message)).toEqual([
        expect.stringContaining("no devflow:test:Thing with the id nowhere"),
      ]);
    } finally {
      other.remove();
    }
  });

  test("a StackReference reads another stack's outputs, secrets included", async () => {
    const program = async () => {
      const other = new pulumi.StackReference("other", { name: "organization/devflow/other" });
      new Thing("a", { content: other.getOutput("url"), password: other.getOutput("key") });
      return { key: other.getOutput("key") };
    };
    const key = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "of-the-other" };
    const readStack = async () => ({ url: "http://x", key });
    const result = await b.up(program, { readStack });
    expect(result.failed).toEqual([]);
    expect(contentOf(b.things, "a")).toBe("http://x");
    expect(result.outputs).toEqual({ key: "[secret]" });
    expect(result.revealOutputs()).toEqual({ key: "of-the-other" });
    expect((await b.up(program)).failed[0]?.error.message).toContain("no stack organization/devflow/other");
  });
});
