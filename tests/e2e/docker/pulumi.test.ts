import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ofStack, removeStack } from "../../../components/provider/docker/leftovers.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { pulumiEngine } from "../../../installer/pulumi/engine.ts";
import { type OpenStack, openStack } from "../../../installer/stack.ts";
import { changesOf, devflow } from "../command.ts";
import { freeBlock } from "../stack.ts";
import { absent, glueImage, sharedEngine, type TestEngine, whyNot } from "./test-engine.ts";
import { testUpgrades } from "./upgrades.ts";

const missing = ["pulumi", "pulumi-resource-docker"].filter((name) => spawnSync("which", [name]).status !== 0);
const reason = whyNot() ?? (missing.length > 0 ? `not on PATH: ${missing.join(", ")}` : undefined);
if (reason) console.warn(`Pulumi's engine is not tried on a real Docker engine here: ${reason}.`);

/** The same appliance as a person makes it: Pulumi's own engine with the real provider of Docker. */
describe.skipIf(reason !== undefined)("an appliance by Pulumi on a real Docker engine", () => {
  let engine: TestEngine;
  let folder: string;
  let stack: OpenStack;
  let set: string[];
  const env = () => ({ ...process.env, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache });

  beforeAll(async () => {
    engine = sharedEngine();
    folder = await mkdtemp(join(tmpdir(), "devflow-appliance-"));
    set = [
      ...["stack.name=pulumi", "stack.kind=onprem", `images.glue=${glueImage}`],
      ...absent.map((name) => `components.${name}=false`),
      ...[`docker.host=${engine.host}`, `network.port=${await freeBlock()}`],
    ];
    stack = await openStack({ env: env(), cwd: folder }, { set });
  });
  afterAll(async () => {
    await removeStack(engine, "devflow-pulumi");
    await rm(folder, { recursive: true, force: true });
    await engine[Symbol.asyncDispose]();
  });

  async function run(mode: "up" | "preview" | "destroy") {
    const { signal } = new AbortController();
    return pulumiEngine(stack, env()).run({ mode, signal, onEvent: () => {} });
  }

  test("Pulumi's up makes the appliance, and it serves", async () => {
    const { failed } = await run("up");
    expect(failed.map(({ urn, error }) => `${urn}: ${error.message}`)).toEqual([]);
    const { port } = stack.settings.network;
    expect(await (await fetch(`http://localhost:${port}/readyz`)).json()).toMatchObject({ ready: true });
  });

  test("Pulumi's second up changes nothing", async () => {
    const { changes, steps } = await run("up");
    const changed = steps.filter(({ custom, op }) => custom && op !== "same");
    expect(changed.map(({ op, name, type, diff }) => ({ op, name, type, diff }))).toEqual([]);
    expect(changes).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  });

  testUpgrades("pulumi", () => ({
    ...{ engine, prefix: "devflow-pulumi", port: stack.settings.network.port },
    async up(image) {
      stack = await openStack({ env: env(), cwd: folder }, { set: [...set, `images.glue=${image}`] });
      return (await run("up")).failed.map(({ urn, error }) => `${urn}: ${error.message}`);
    },
  }));

  /** The command itself, in a process of its own; nobody can be asked. */
  const command = (...args: string[]) =>
    devflow([...args, ...set.flatMap((one) => ["--set", one])], { cwd: folder, env: env() });

  test("preview tells what another answer would replace and delete on the engine, and does nothing", async () => {
    const changes = changesOf(
      await command("preview", "--json", "--set", "sizing.code.memoryLimit=400", "--set", "components.metrics=false"),
    );
    expect(changes).toContain("replace docker:index/container:Container code");
    expect(changes).toContain("delete docker:index/container:Container metrics");
    expect(changes.filter((change) => change.includes("Container postgres"))).toEqual([]);
    const none = await command("preview");
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining("Nothing to do.")]);
  });

  test("destroy names the volumes and deletes nothing until it is given the stack's name", async () => {
    for (const args of [[], ["--yes"], ["--yes", "--confirm", "another"]]) {
      const { code, stderr } = await command("destroy", ...args);
      expect(code, args.join(" ")).not.toBe(0);
      for (const volume of ["backups", "code", "metrics", "platform", "postgres", "proxy", "runner", "storage"]) {
        expect(stderr).toMatch(new RegExp(`volume\\s+devflow-pulumi-${volume}-data\\s+deleted`));
      }
      expect(stderr).toContain("--yes --confirm pulumi");
    }
    expect((await ofStack(engine, "devflow-pulumi")).containers).toHaveLength(8);
  });

  test("the installer's destroy leaves nothing that Pulumi made, and no volume", async () => {
    const { code, stderr } = await command("destroy", "--yes", "--confirm", "pulumi");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Stack pulumi is gone.")]);
    expect(await ofStack(engine, "devflow-pulumi")).toEqual({ containers: [], volumes: [], networks: [] });
  });
});
