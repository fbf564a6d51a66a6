import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ofStack, removeStack } from "../../../components/provider/docker/leftovers.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { removeAppliance } from "../../../installer/appliance/remove.ts";
import { pulumiEngine } from "../../../installer/pulumi/engine.ts";
import { type OpenStack, openStack } from "../../../installer/stack.ts";
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

  test("the installer's destroy leaves nothing that Pulumi made, and no volume", async () => {
    expect((await run("destroy")).failed).toEqual([]);
    await removeAppliance(stack);
    expect(await ofStack(engine, "devflow-pulumi")).toEqual({ containers: [], volumes: [], networks: [] });
  });
});
