import { Value } from "typebox/value";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EngineEvent, Step } from "../../../installer/engine/index.ts";
import { type Bench, bench } from "./bench.ts";
import { Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

test("a run tells each step's start, progress and end, all as JSON of one schema", async () => {
  const program = (fails: string) => async () => {
    const good = new Thing("good", { password: "in the open", content: 1 });
    const bad = new Thing("bad", { fails, content: good.size });
    new Thing("waiting", { content: bad.size });
  };
  const result = await b.up(program("create"));
  const told = b.events.map((event) => [
    event.kind,
    "step" in event ? event.step.name : "name" in event ? event.name : "",
  ]);
  expect(told).toEqual([
    ["started", "good"],
    ["progress", "good"],
    ["done", "good"],
    ["started", "bad"],
    ["progress", "bad"],
    ["failed", "bad"],
    ["skipped", "waiting"],
    ["finished", ""],
  ]);
  const seen = [...b.events];
  await b.preview(program("no"));
  await b.up(program("no"));
  await b.run("refresh");
  seen.push(...b.events);
  await b.run("destroy");
  seen.push(...b.events);
  for (const event of seen) {
    expect([event.kind, [...Value.Errors(EngineEvent, event)]]).toEqual([event.kind, []]);
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  }
  for (const step of result.steps) expect(Value.Check(Step, step)).toBe(true);
  expect(seen.find(({ kind }) => kind === "failed")).toMatchObject({
    error: {
      code: "COMPONENT_FAILED",
      message: expect.stringContaining("bad"),
      hint: expect.stringContaining("again"),
    },
  });
});
