import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, stepsOf, summary } from "./bench.ts";
import { calls, things } from "./thing.ts";
import { fixed, Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

describe("replacement", () => {
  test("the new one is made before the old one goes", async () => {
    await b.up(async () => void new Thing("a", { file: "one" }));
    const result = await b.up(async () => void new Thing("a", { file: "two" }));
    expect(summary(result)).toEqual(["replace a"]);
    expect(result.steps.find(({ name }) => name === "a")?.replaceKeys).toEqual(["file"]);
    expect(calls(b.things)).toEqual(["create one new", "create two new", "delete one gone"]);
  });

  test("with deleteBeforeReplace the old one goes first, after those that are made from it", async () => {
    const program = (kind: string) => async () => {
      const base = fixed("base", { kind });
      const user = fixed("user", { kind: base.path });
      fixed("user-of-user", { kind: user.path });
      new Thing("kept", { content: base.path });
    };
    await b.up(program("x"));
    const result = await b.up(program("y"));
    expect(summary(result)).toEqual(["replace base", "replace user", "replace user-of-user"]);
    expect(calls(b.things).slice(4)).toEqual([
      "delete user-of-user gone",
      "delete user gone",
      "delete base gone",
      "create base new",
      "create user new",
      "create user-of-user new",
    ]);
  });

  test("dependents that are declared no more go first too, and are told as deleted", async () => {
    const program = (kind: string, user: boolean) => async () => {
      const base = fixed("base", { kind });
      if (user) fixed("user", { kind: base.path });
    };
    await b.up(program("x", true));
    const plan = await b.preview(program("y", false));
    const result = await b.up(program("y", false));
    expect(summary(result)).toEqual(["delete user", "replace base"]);
    expect(stepsOf(result)).toEqual(stepsOf(plan));
    expect(things(b.things)).toEqual(["base"]);
  });

  test("replaceOnChanges, replacementTrigger and a provider that cannot update all replace", async () => {
    const program = (value: number) => async () => {
      new Thing(
        "by-path",
        { file: `p${value}`, content: { deep: { x: value } } },
        { replaceOnChanges: ["content.deep"] },
      );
      new Thing("by-trigger", { file: "t" }, { replacementTrigger: value, deleteBeforeReplace: true });
      new Thing("immutable", { content: value }, { deleteBeforeReplace: true }, "Immutable");
    };
    await b.up(program(1));
    const result = await b.up(program(2));
    expect(summary(result)).toEqual(["replace by-path", "replace by-trigger", "replace immutable"]);
    expect(things(b.things)).toEqual(["immutable", "p2", "t"]);
  });

  test("a thing that is declared under another name is not deleted under its former one", async () => {
    await b.up(async () => void new Thing("a", { file: "shared" }));
    const result = await b.up(async () => void new Thing("b", { file: "shared" }));
    expect(result.failed).toEqual([]);
    expect(things(b.things)).toEqual(["shared"]);
    await b.run("destroy");
    expect(things(b.things)).toEqual([]);
  });

  test("a deletion that fails at the end is done by the next run", async () => {
    await b.up(async () => void new Thing("a", { file: "one", fails: "delete" }));
    const failing = await b.up(async () => void new Thing("a", { file: "two" }));
    expect(failing.failed.map(({ error }) => error.message)).toEqual([
      expect.stringContaining("a (devflow:test:Thing)"),
    ]);
    expect(things(b.things)).toEqual(["one", "two"]);
    const state = JSON.parse(JSON.stringify(await b.load()));
    expect(state.superseded).toHaveLength(1);
    // The cause is removed: the folder's own record of the failure lies in the old inputs.
    await b.edit((text) => text.replaceAll('"fails": "delete"', '"fails": "no"'));
    const result = await b.up(async () => void new Thing("a", { file: "two" }));
    expect(summary(result)).toEqual(["delete a"]);
    expect(things(b.things)).toEqual(["two"]);
  });
});
