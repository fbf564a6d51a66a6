import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bench, bench, summary } from "./bench.ts";
import { calls, contentOf, Thing, things } from "./thing.ts";

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
