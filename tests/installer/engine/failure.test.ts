import { rmSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DevflowError } from "../../../components/error.ts";
import type { EngineEvent } from "../../../installer/engine/index.ts";
import { type Bench, bench, summary } from "./bench.ts";
import { calls, contentOf, things } from "./thing.ts";
import { fixed, Thing } from "./thing-resource.ts";

let b: Bench;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.remove());

const kinds = (events: EngineEvent[], kind: EngineEvent["kind"]) => events.filter((event) => event.kind === kind);
const onStart = (react: () => void) => (event: EngineEvent) => {
  if (event.kind === "started") react();
};
const messages = ({ failed }: { failed: { error: Error }[] }) => failed.map(({ error }) => error.message);

describe("a failed resource", () => {
  const program = (fails?: string) => async () => {
    const bad = new Thing("bad", fails ? { fails } : {});
    const user = new Thing("user", { content: bad.path });
    new Thing("user-of-user", { content: user.size });
    new Thing("independent", { takes: 50 });
    class Group extends pulumi.ComponentResource {
      constructor() {
        super("devflow:test:Group", "group", {}, { dependsOn: bad });
        new Thing("grouped", {}, { parent: this });
      }
    }
    new Group();
    return { user: user.path };
  };

  test("fails only its dependents, and the next run takes up from there", async () => {
    const result = await b.up(program("create"));
    expect(messages(result)).toEqual(["bad (devflow:test:Thing): create failed with the password undefined"]);
    expect(result.failed[0]?.error).toMatchObject({ code: "COMPONENT_FAILED" });
    expect(things(b.things)).toEqual(["independent"]);
    const skipped = result.steps.filter(({ status }) => status === "skipped");
    expect(skipped.map(({ name, waitsFor }) => `${name} for ${waitsFor?.split("::").at(-1)}`).sort()).toEqual([
      "group for bad",
      "grouped for group",
      "user for bad",
      "user-of-user for user",
    ]);
    expect(kinds(b.events, "skipped")).toMatchObject([{ reason: "it waits for bad" }, {}, {}, {}]);
    expect(summary(await b.up(program()))).toEqual([
      "create bad",
      "create grouped",
      "create user",
      "create user-of-user",
    ]);
  });

  test("keeps what is declared no more: nothing is pruned", async () => {
    await b.up(async () => void new Thing("old"));
    const result = await b.up(async () => void new Thing("bad", { fails: "create" }));
    expect(summary(result)).toEqual(["create bad"]);
    expect(things(b.things)).toEqual(["old"]);
  });

  test("in an update is updated again, even when the program goes back to what it was", async () => {
    await b.up(async () => void new Thing("a", { content: 1 }));
    await b.up(async () => void new Thing("a", { content: 2, fails: "update" }));
    expect(summary(await b.up(async () => void new Thing("a", { content: 1 })))).toEqual(["update a"]);
    expect(contentOf(b.things, "a")).toBe(1);
  });

  test("in its creation, and then declared no more, is removed", async () => {
    await b.up(async () => void new Thing("a", { fails: "create" }));
    const result = await b.up(async () => {});
    expect(result.failed).toEqual([]);
    expect(calls(b.things)).toEqual(["delete a again"]);
    expect((await b.load()).pending.size).toBe(0);
  });

  test("in its creation keeps what was there before, when it is to outlive its resource", async () => {
    const retained = (fails?: string) => async () => {
      new Thing("kept", fails ? { fails } : {}, { retainOnDelete: true });
    };
    await b.up(retained());
    await b.up(async () => {});
    expect(things(b.things)).toEqual(["kept"]);
    await b.up(retained("create"));
    const result = await b.up(async () => {});
    expect(messages(result)).toEqual([]);
    expect(things(b.things)).toEqual(["kept"]);
  });

  test("whose provider cannot say its id is created to the end, or forgotten with a warning", async () => {
    const make = (fails: string) => async () => void new Thing("a", { fails }, {}, "Anonymous");
    await b.up(make("create"));
    const result = await b.up(async () => {});
    expect(result.failed).toEqual([]);
    expect(kinds(b.events, "diagnostic")).toMatchObject([{ severity: "warning" }]);
    expect((await b.load()).pending.size).toBe(0);
  });

  test("that cannot be deleted keeps what it depends on, and nothing else", async () => {
    await b.up(async () => {
      const base = new Thing("base");
      new Thing("stuck", { content: base.path, fails: "delete" });
      new Thing("free");
    });
    const result = await b.run("destroy");
    expect(messages(result)).toEqual([expect.stringContaining("stuck (devflow:test:Thing): delete failed")]);
    expect(result.steps.find(({ name }) => name === "base")).toMatchObject({
      status: "skipped",
      waitsFor: expect.stringContaining("::stuck"),
    });
    expect(things(b.things)).toEqual(["base", "stuck"]);
  });

  test("that was half deleted is deleted to the end before it is made anew", async () => {
    const one = async () => void new Thing("a", { fails: "delete" });
    await b.up(one);
    await b.run("destroy");
    b.edit((text) => text.replaceAll('"fails": "delete"', '"fails": "no"'));
    expect(summary(await b.up(async () => void new Thing("a", { fails: "no" })))).toEqual(["replace a"]);
    expect(calls(b.things)).toEqual(["create a new", "delete a gone", "create a new"]);
  });

  test("whose provider cannot look at it fails in up, and is taken as it is in a preview", async () => {
    await b.up(async () => void new Thing("a", { fails: "read" }));
    const again = async () => void new Thing("a", { fails: "read", content: 1 });
    expect((await b.preview(again)).failed).toEqual([]);
    expect(kinds(b.events, "diagnostic")).toMatchObject([
      { severity: "warning", message: expect.stringContaining("cannot look") },
    ]);
    expect(messages(await b.up(again))).toEqual([expect.stringContaining("cannot look")]);
  });
});

describe("a program", () => {
  test("whose inputs break the provider's schema is told the resource and every path", async () => {
    const result = await b.up(async () => {
      new Thing("bad", { file: "", takes: 1.5 } as never);
      new Thing("good");
    });
    expect(result.failed[0]?.error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(messages(result)[0]).toMatch(/^bad \(devflow:test:Thing\): .*file must.*takes must be integer/);
    expect(things(b.things)).toEqual(["good"]);
  });

  test("may have inputs that a preview does not know yet", async () => {
    const result = await b.preview(async () => {
      const a = new Thing("a");
      new Thing("b", { takes: a.size });
    });
    expect(result.failed).toEqual([]);
  });

  test("that throws, in its body or in an apply, prunes nothing", async () => {
    await b.up(async () => void new Thing("old"));
    const inBody = await b.up(async () => {
      new Thing("new");
      throw new DevflowError("CONFIG_MISSING", "No domain is given.", { hint: "Set it." });
    });
    expect(inBody.failed.map(({ error }) => error)).toMatchObject([{ code: "CONFIG_MISSING", hint: "Set it." }]);
    const inApply = await b.up(async () => {
      const made = new Thing("new");
      const wrong = made.path.apply((path) => {
        throw new Error(`no good: ${path.length > 0}`);
      });
      new Thing("old", { file: wrong as pulumi.Output<string> });
    });
    expect(messages(inApply).join()).toContain("no good: true");
    expect(things(b.things)).toEqual(["new", "old"]);
  });

  test("that declares a resource twice, or of an unknown type, is told so", async () => {
    const result = await b.up(async () => {
      new Thing("a");
      new Thing("a", { file: "other" });
      new Thing("x", {}, {}, "Unheard");
    });
    expect(messages(result).join(" ")).toContain("::a is declared twice");
    expect(messages(result).join(" ")).toContain("no provider for resources of the type devflow:test:Unheard");
    expect(things(b.things)).toEqual(["a"]);
  });

  test("that uses what only Pulumi's engine has is told so", async () => {
    const result = await b.up(async () => {
      new Thing("imported", {}, { import: "x" });
      await pulumi.runtime.invoke("devflow:test:lookUp", {});
    });
    expect(messages(result).join(" ")).toContain("imported uses the option `import`");
    expect(messages(result).join(" ")).toContain("The embedded engine has no invoke");
  });

  test("that logs is heard as diagnostics with the resource", async () => {
    await b.up(async () => {
      const a = new Thing("a");
      await pulumi.log.warn("mind this", a);
    });
    expect(kinds(b.events, "diagnostic")).toMatchObject([
      { severity: "warning", message: "mind this", urn: expect.stringContaining("::a") },
    ]);
  });
});

describe("an interrupt", () => {
  const program = async () => {
    const first = new Thing("first", { takes: 150 });
    new Thing("second", { content: first.path });
  };

  test("lets what is under way end, starts nothing new and prunes nothing; the next run goes on", async () => {
    await b.up(async () => void new Thing("old"));
    const stop = new AbortController();
    const result = await b.up(program, { signal: stop.signal, onEvent: onStart(() => stop.abort()) });
    expect(result).toMatchObject({ interrupted: true, failed: [] });
    expect(things(b.things)).toEqual(["first", "old"]);
    expect(result.steps.find(({ name }) => name === "second")?.status).toBe("skipped");
    expect(summary(await b.up(program))).toEqual(["create second", "delete old"]);
  });

  test("the second time stops what is under way, and the next run makes it", async () => {
    const [stop, hard] = [new AbortController(), new AbortController()];
    const onEvent = onStart(() => {
      stop.abort();
      setTimeout(() => hard.abort(), 20);
    });
    const slow = async () => void new Thing("slow", { takes: 60_000 });
    const result = await b.up(slow, { signal: stop.signal, hardSignal: hard.signal, onEvent });
    expect(result).toMatchObject({ interrupted: true, failed: [{ error: { code: "INTERRUPTED" } }] });
    expect([...(await b.load()).pending.values()]).toMatchObject([{ type: "creating" }]);
    expect(summary(await b.up(async () => void new Thing("slow")))).toEqual(["create slow"]);
  });

  test("of a destroy leaves the rest to the next destroy", async () => {
    await b.up(async () => {
      const base = new Thing("base");
      fixed("top", { takes: 100, kind: base.path });
    });
    const stop = new AbortController();
    const more = { signal: stop.signal, onEvent: onStart(() => stop.abort()) };
    expect(await b.run("destroy", undefined, more)).toMatchObject({ interrupted: true, failed: [] });
    expect(things(b.things)).toEqual(["base"]);
    expect((await b.run("destroy")).changes).toMatchObject({ delete: 1 });
    expect(things(b.things)).toEqual([]);
  });
});

test("a dry destroy names all and deletes nothing", async () => {
  await b.up(async () => void new Thing("a"));
  expect(summary(await b.run("destroy", undefined, { dryRun: true }))).toEqual(["delete a"]);
  expect(things(b.things)).toEqual(["a"]);
  rmSync(join(b.things, "a.thing"));
  expect((await b.run("refresh", undefined, { dryRun: true })).changes).toMatchObject({ read: 1 });
  expect((await b.load()).resources.size).toBe(2);
});
