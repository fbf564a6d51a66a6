import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homePaths } from "../../../components/provider/paths.ts";
import type { EngineEvent } from "../../../installer/engine/index.ts";
import { pulumiEngine } from "../../../installer/pulumi/engine.ts";
import { type OpenStack, openStack } from "../../../installer/stack.ts";
import { connect } from "../../../installer/supervisor/client.ts";
import { freeBlock } from "../stack.ts";

/** The program of a local stack, which needs no other provider than ours, carried out by Pulumi's own engine. */
describe("Pulumi's engine on a stack of native processes", () => {
  let folder: string;
  let stack: OpenStack;
  const env = () => ({ ...process.env, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "devflow-pulumi-"));
    const set = ["stack.name=outside", "profile=minimal", `network.port=${await freeBlock()}`];
    stack = await openStack({ env: env(), cwd: folder }, { set });
  });
  afterAll(async () => {
    await (await connect(stack.paths))?.stopAll();
    await rm(stack.paths.sockets, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  });

  async function run(mode: "preview" | "up" | "destroy") {
    const events: EngineEvent[] = [];
    const engine = pulumiEngine(stack, env());
    const signal = new AbortController().signal;
    const result = await engine.run({ mode, signal, onEvent: (event) => events.push(event) });
    return { ...result, events };
  }

  test("preview knows every resource and makes none", async () => {
    const { steps, failed, events } = await run("preview");
    expect(failed).toEqual([]);
    expect(steps.filter(({ custom, op }) => custom && op === "create").map(({ type }) => type)).toContain(
      "devflow:index:PostgresDatabase",
    );
    expect(events.some(({ kind }) => kind === "started")).toBe(false);
    expect(await connect(stack.paths)).toBeUndefined();
  });

  test("up brings the platform up, and its events carry no secret", async () => {
    const { failed, outputs, events } = await run("up");
    expect(failed.map(({ error }) => error.message)).toEqual([]);
    expect((await fetch(`${outputs.platform}/readyz`)).status).toBe(200);
    const secrets = (await readFile(stack.paths.secrets, "utf8")).split("\n").map((line) => line.split("=")[1] ?? "");
    const told = JSON.stringify(events);
    for (const secret of secrets.filter((value) => value.length > 15)) expect(told).not.toContain(secret);
  });

  test("a second up has nothing to do", async () => {
    const { changes } = await run("up");
    expect(changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  });

  test("what was taken away meanwhile is brought back, and nothing else is touched", async () => {
    await (await connect(stack.paths))?.remove("proxy");
    const { changes, steps } = await run("up");
    expect(steps.filter(({ custom, op }) => custom && op === "create").map(({ type }) => type)).toEqual([
      "devflow:index:Process",
    ]);
    expect(changes).toMatchObject({ create: 1, update: 0, replace: 0, delete: 0 });
  });

  test("the embedded engine and Pulumi's see the same resources", async () => {
    const shape = (steps: { custom: boolean; urn: string }[]) =>
      steps.flatMap(({ custom, urn }) => (custom ? [urn] : [])).sort();
    const signal = new AbortController().signal;
    const embedded = await stack.engine.run({ mode: "preview", signal, onEvent: () => {} });
    expect(shape((await run("preview")).steps)).toEqual(shape(embedded.steps));
  });

  test("destroy leaves no process", async () => {
    const { failed } = await run("destroy");
    expect(failed).toEqual([]);
    const left = await (await connect(stack.paths))?.list();
    expect((left ?? []).map(({ name }) => name)).toEqual([]);
    const stacks = await readdir(join(stack.paths.root, "pulumi", "state", ".pulumi", "stacks", "devflow"));
    expect(stacks.some((name) => name.startsWith("outside.json"))).toBe(true);
  });
});
