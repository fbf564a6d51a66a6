import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, summary } from "./bench.ts";
import { calls, contentOf, things } from "./thing.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

describe("options", () => {
  test("ignoreChanges keeps what is at a path, in depth", async () => {
    const program = (value: number) => async () =>
      void new Thing(
        "a",
        { content: { x: value, list: [value, { y: value }] } },
        { ignoreChanges: ["content.x", "content.list[1].y"] },
      );
    await b.up(program(1));
    const result = await b.up(program(2));
    expect(result.steps.find(({ name }) => name === "a")?.diff.map(({ path }) => path)).toEqual(["content.list[0]"]);
    expect(contentOf(b.things, "a")).toEqual({ x: 1, list: [2, { y: 1 }] });
  });

  test("a protected resource is neither deleted, replaced nor destroyed, until it is released", async () => {
    const program = (protect: boolean, file: string) => async () => {
      const base = new Thing("base");
      new Thing("a", { file }, { protect, dependsOn: base });
    };
    await b.up(program(true, "one"));
    for (const result of [
      await b.up(program(true, "two")),
      await b.preview(program(true, "two")),
      await b.up(async () => {}),
      await b.run("destroy"),
    ]) {
      expect(result.failed.map(({ error }) => error.message)).toEqual([expect.stringContaining("protected")]);
    }
    expect(things(b.things)).toEqual(["base", "one"]);
    await b.up(program(false, "one"));
    expect((await b.run("destroy")).failed).toEqual([]);
    expect(things(b.things)).toEqual([]);
  });

  test("retainOnDelete and deletedWith leave deletion to others", async () => {
    await b.up(async () => {
      const owner = new Thing("owner");
      new Thing("owned", {}, { deletedWith: owner });
      new Thing("retained", {}, { retainOnDelete: true });
    });
    await b.run("destroy");
    expect(things(b.things)).toEqual(["owned", "retained"]);
    expect((await b.load()).resources.size).toBe(0);
  });

  test("an alias keeps the resource when its name or parent changes", async () => {
    class Group extends pulumi.ComponentResource {
      constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super("devflow:test:Group", name, {}, options);
      }
    }
    await b.up(async () => {
      const old = new Thing("old", { file: "f" });
      new Thing("user", { content: old.path });
    });
    const result = await b.up(async () => {
      const group = new Group("group");
      const aliases = [{ name: "old", parent: pulumi.rootStackResource }];
      const renamed = new Thing("new", { file: "f" }, { parent: group, aliases });
      new Thing("user", { content: renamed.path });
    });
    expect(result.failed).toEqual([]);
    expect(summary(result)).toEqual([]);
    expect(calls(b.things)).toHaveLength(2);
  });

  test("components own their children and keep their outputs", async () => {
    class Pair extends pulumi.ComponentResource {
      declare readonly paths: pulumi.Output<string[]>;
      constructor(name: string) {
        super("devflow:test:Pair", name);
        const children = ["left", "right"].map((side) => new Thing(`${name}-${side}`, {}, { parent: this }));
        this.paths = pulumi.all(children.map(({ path }) => path));
        this.registerOutputs({ paths: this.paths });
      }
    }
    const result = await b.up(async () => ({ paths: new Pair("pair").paths }));
    expect(result.steps.map(({ urn }) => urn)).toContain(
      "urn:pulumi:test::devflow::devflow:test:Pair$devflow:test:Thing::pair-left",
    );
    const pair = (await b.load()).resources.get("urn:pulumi:test::devflow::devflow:test:Pair::pair");
    expect(pair?.outputs).toEqual({ paths: [join(b.things, "pair-left.thing"), join(b.things, "pair-right.thing")] });
    expect(result.outputs).toEqual({ paths: pair?.outputs.paths });
  });

  test("a resource that takes longer than its customTimeouts fails", async () => {
    const options = { customTimeouts: { create: "100ms" } };
    const result = await b.up(async () => void new Thing("slow", { takes: 20_000 }, options));
    expect(result.failed).toHaveLength(1);
    expect(things(b.things)).toEqual([]);
  });
});
