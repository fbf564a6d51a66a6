import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { bench } from "./bench.ts";
import { Thing } from "./thing-resource.ts";

test("500 resources in 50 chains: create, no-op, update, destroy", async () => {
  const b = bench();
  try {
    const program = (content: string) => async () => {
      const chains: Thing[] = [];
      for (let i = 0; i < 500; i++) {
        const before = chains[i % 50];
        chains[i % 50] = new Thing(`t${i}`, { content }, before ? { dependsOn: before } : {});
      }
    };
    const times: Record<string, string> = {};
    const timed = async (name: string, work: () => ReturnType<typeof b.up>) => {
      const since = performance.now();
      const result = await work();
      times[name] = `${Math.round(performance.now() - since)} ms`;
      expect(result.failed).toEqual([]);
      return result.changes;
    };
    expect(await timed("create", () => b.up(program("a")))).toMatchObject({ create: 500 });
    expect(await timed("no-op", () => b.up(program("a")))).toMatchObject({ same: 500 });
    expect(await timed("preview", () => b.preview(program("b")))).toMatchObject({ update: 500 });
    expect(await timed("update", () => b.up(program("b")))).toMatchObject({ update: 500 });
    times.state = `${Math.round(statSync(b.state).size / 1024)} KiB`;
    expect(await timed("destroy", () => b.run("destroy"))).toMatchObject({ delete: 500 });
    console.info("500 resources:", times);
  } finally {
    b.remove();
  }
});
