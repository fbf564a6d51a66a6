import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { providers } from "../../../components/provider/index.ts";
import { type EngineEvent, openStore, type RunResult, runProgram } from "../../../installer/engine/index.ts";
import { programConfig } from "../../../installer/program-config.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import program from "../../../stacks/index.ts";
import { type TestHost, testHost } from "../../components/host.ts";
import { freeBlock } from "../stack.ts";
import { dockerAdapter } from "./adapter.ts";
import { testBackups } from "./backups.ts";
import { testCallers } from "./callers.ts";
import type { Standing } from "./inside.ts";
import { absent, glueImage, sharedEngine, type TestEngine, whyNot } from "./test-engine.ts";
import { testUpgrades } from "./upgrades.ts";
import { testWalls } from "./walls.ts";

const all = ["backups", "code", "metrics", "platform", "postgres", "proxy", "runner", "storage"];

interface Found {
  Id: string;
  Names: string[];
  State: string;
  Status: string;
}

interface Inspected {
  Config: { Env: string[]; User: string };
  HostConfig: { Memory: number; ReadonlyRootfs: boolean };
}

describe.skipIf(whyNot() !== undefined)("an appliance on a real Docker engine", () => {
  let engine: TestEngine;
  let host: TestHost;
  let port: number;

  beforeAll(async () => {
    engine = sharedEngine();
    host = await testHost();
    port = await freeBlock();
  });
  afterAll(async () => {
    await removeLeftovers();
    await rm(host.paths.sockets, { recursive: true, force: true });
    await host.dispose();
    await engine[Symbol.asyncDispose]();
  });

  /** The embedded engine carries out the program as Pulumi's would; the adapter stands for the provider of Docker. */
  async function run(mode: "up" | "preview" | "destroy", more: Record<string, unknown> = {}): Promise<RunResult> {
    const flags = {
      "stack.name": "test",
      "stack.kind": "onprem",
      "docker.host": engine.host,
      "images.glue": glueImage,
      "network.port": port,
      ...Object.fromEntries(absent.map((name) => [`components.${name}`, false])),
      ...more,
    };
    const { settings } = resolveSettings({ flags, env: {}, cwd: "/" });
    const events: EngineEvent[] = [];
    return runProgram({
      program,
      project: "devflow",
      stack: "test",
      config: programConfig(settings, host.paths),
      providers: { ...providers, ...dockerAdapter(engine.host) },
      host,
      store: openStore({ file: host.paths.state, keyFile: host.paths.key }),
      mode,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
  }
  const failures = ({ failed }: RunResult) => failed.map(({ urn, error }) => `${urn}: ${error.message}`);
  const changed = ({ steps }: RunResult) =>
    steps.filter(({ custom, op }) => custom && op !== "same").map(({ op, type, name }) => `${op} ${type} ${name}`);
  const containers = () =>
    engine.call<Found[]>("GET", `/containers/json?all=true&filters=${filter("dev.devflow.stack=devflow-test")}`);
  const nameOf = ({ Names: [name = ""] }: Found) => name.replace("/devflow-test-", "");

  test("up brings every container to health, in order, and people get in by the proxy alone", async () => {
    expect(failures(await run("up"))).toEqual([]);
    const found = await containers();
    expect(found.map(nameOf).sort()).toEqual(all);
    // The runner has nothing to ask with, and is asked from outside.
    const asked = found.filter((each) => nameOf(each) !== "runner");
    expect(asked.filter(({ Status }) => !Status.includes("(healthy)"))).toEqual([]);
    const ready = await fetch(`http://localhost:${port}/readyz`);
    expect(await ready.json()).toMatchObject({ ready: true });
    const gitea = await ask("code.localhost", "/api/healthz");
    expect(gitea.status).toBe(200);
    expect((await ask("localhost", "/internal/metrics")).status).toBe(404);
  });

  test("the dashboard that the image was built with is served", async () => {
    const page = await (await fetch(`http://localhost:${port}/`, { redirect: "follow" })).text();
    expect(page).toMatch(/<script[^>]+\/assets\//);
  });

  test("metrics of every container arrive", async () => {
    const container = `devflow-test-metrics`;
    const { execute } = await import("../../../components/provider/reach/index.ts");
    await expect
      .poll(
        async () => {
          const answer = await execute(
            { kind: "docker", host: engine.host, container },
            {
              command: ["wget", "-q", "-O", "-", `http://metrics.inside:${port + 4}/api/v1/query?query=up`],
              timeout: 20_000,
              signal: AbortSignal.timeout(30_000),
            },
          );
          const { data } = JSON.parse(answer) as { data: { result: { metric: { job: string }; value: string[] }[] } };
          return data.result
            .filter(({ value }) => value[1] === "1")
            .map(({ metric }) => metric.job)
            .sort();
        },
        { interval: 3000 },
      )
      .toEqual(all.filter((name) => !["backups", "postgres"].includes(name)));
  });

  test("what the engine shows of a container has no secret, and says that it may do little", async () => {
    const secrets = await Promise.all((await host.secrets.list()).map((name) => host.secrets.get(name)));
    expect(secrets.length).toBeGreaterThan(8);
    for (const { Id: id, ...its } of await containers()) {
      const shown = await engine.call<Inspected>("GET", `/containers/${id}/json`);
      const text = JSON.stringify(shown);
      for (const secret of secrets) if (secret) expect(text).not.toContain(secret);
      expect(shown.HostConfig.ReadonlyRootfs, nameOf({ Id: id, ...its })).toBe(true);
      expect(shown.HostConfig.Memory).toBeGreaterThan(64 * 2 ** 20);
      // Root's number without its rights: what clears after jobs, and what reads others' files to copy them.
      const rooted = ["runner", "backups"].includes(nameOf({ Id: id, ...its }));
      expect(shown.Config.User).toMatch(rooted ? /^0:0$/ : /^[1-9]/);
    }
  });

  const standing = (): Standing => ({
    ...{ engine, prefix: "devflow-test", port },
    async secret(name) {
      const value = await host.secrets.get(name);
      if (value === undefined) throw new Error(`the stack has no secret ${name}`);
      return value;
    },
  });
  testWalls(standing);
  testCallers(standing);
  testBackups(standing);

  test("a second up of the appliance has nothing to do", async () => {
    const again = await run("up");
    expect(failures(again)).toEqual([]);
    expect(changed(again)).toEqual([]);
  });

  test("a container that somebody removed comes back, with its data", async () => {
    await engine.call("DELETE", "/containers/devflow-test-code?force=true");
    const again = await run("up");
    expect(failures(again)).toEqual([]);
    expect(changed(again)).toContain("create docker:index/container:Container code");
    expect((await ask("code.localhost", "/api/healthz")).status).toBe(200);
  });

  test("a changed setting replaces the container that it is of, and keeps its volume", async () => {
    const replaced = ["replace docker:index/container:Container code"];
    expect(changed(await run("preview", { "sizing.code.memoryLimit": 300 }))).toEqual(replaced);
    const before = await idOf("postgres");
    const changes = await run("up", { "sizing.code.memoryLimit": 300 });
    expect(failures(changes)).toEqual([]);
    expect(changed(changes)).toEqual(replaced);
    expect(await idOf("postgres")).toBe(before);
    expect((await ask("code.localhost", "/api/healthz")).status).toBe(200);
  });

  testUpgrades("embedded", () => ({
    ...{ engine, prefix: "devflow-test", port },
    up: async (image) => failures(await run("up", { "images.glue": image, "sizing.code.memoryLimit": 300 })),
  }));

  test("a component that is switched off goes, and keeps its data until the stack goes", async () => {
    expect(failures(await run("up", { "components.metrics": false }))).toEqual([]);
    expect((await containers()).map(nameOf)).not.toContain("metrics");
    expect(await engine.find("/volumes/devflow-test-metrics-data")).toBeDefined();
  });

  test("destroy, and what the installer removes after it, leave nothing", async () => {
    expect(failures(await run("destroy"))).toEqual([]);
    expect(await containers()).toEqual([]);
    await removeLeftovers();
    const { Volumes: volumes } = await engine.call<{ Volumes: { Name: string }[] | null }>("GET", "/volumes");
    expect((volumes ?? []).filter(({ Name }) => Name.startsWith("devflow-test"))).toEqual([]);
    const networks = await engine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.filter(({ Name }) => Name.startsWith("devflow-test"))).toEqual([]);
  });

  async function idOf(name: string): Promise<string | undefined> {
    return (await containers()).find((each) => nameOf(each) === name)?.Id;
  }

  /** By the proxy, for one of its sites. */
  async function ask(site: string, path: string): Promise<{ status: number }> {
    const { request } = await import("undici");
    const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, {
      headers: { host: `${site}:${port}` },
    });
    await body.dump();
    return { status: statusCode };
  }

  async function removeLeftovers(): Promise<void> {
    const { removeStack } = await import("../../../components/provider/docker/leftovers.ts");
    await removeStack(engine, "devflow-test");
  }
});

function filter(label: string): string {
  return encodeURIComponent(JSON.stringify({ label: [label] }));
}
