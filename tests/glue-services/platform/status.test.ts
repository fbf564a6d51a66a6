import { spawnSync } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Verifier } from "../../../glue-services/kit/index.ts";
import { listRuns } from "../../../glue-services/platform/runs/read.ts";
import { identify } from "../../../installer/process-identity.ts";
import { commandProbe, ready, testStack } from "../../installer/supervisor/test-stack.ts";
import { person } from "../build.ts";
import { folderOf, platformApp } from "./app.ts";

const urn = (type: string, name: string) => `urn:pulumi:local::devflow::devflow:index:${type}::${name}`;
const lines = (...events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

describe("the platform's status", () => {
  test("groups the real supervisor's processes by component; the worst of them decides", async () => {
    const stack = await testStack();
    onTestFinished(() => stack.dispose());
    const client = await stack.client();
    await client.put(stack.spec("postgres", { component: "database", version: "18.4" }));
    await client.put(stack.spec("backup", { component: "database", ready: commandProbe("false") }));
    await client.put(stack.spec("caddy", { component: "proxy" }));
    await ready(client, "postgres");
    await ready(client, "caddy");
    const app = await platformApp({ supervisor: stack.paths.socket, addresses: { proxy: "http://localhost:4400" } });
    const status = (await app.inject("/api/platform/status")).json();
    expect(status).toMatchObject({
      state: "starting",
      version: "1.2.3",
      supervisor: { reachable: true, reason: null },
    });
    const byName = Object.fromEntries(status.components.map((one: { name: string }) => [one.name, one]));
    expect(byName.database).toMatchObject({
      state: "starting",
      version: "18.4",
      processes: [{ name: "postgres", state: "ready" }, { name: "backup" }],
    });
    expect(byName.proxy).toMatchObject({ state: "ready", address: "http://localhost:4400" });
    expect(byName.proxy.processes[0].pid).toBeGreaterThan(1);
    expect(JSON.stringify(status)).not.toContain("lastLines");
  });

  test("beyond this machine strangers see which components work, and no process, version or reason of any", async () => {
    const stack = await testStack();
    onTestFinished(() => stack.dispose());
    const client = await stack.client();
    await client.put(stack.spec("postgres", { component: "database", version: "18.4" }));
    await ready(client, "postgres");
    const { identity, headers } = person({ scopes: [] });
    const verify: Verifier = async (request) =>
      request.headers.authorization === headers.authorization ? identity : undefined;
    const options = { supervisor: stack.paths.socket, publicUrl: "https://devflow.example" };
    const app = await platformApp(options, { verify });
    const strange = { state: "ready", version: "", reason: null, memory: null, processes: [] };
    for (const stranger of [{}, { authorization: "Bearer nobody" }]) {
      const status = (await app.inject({ url: "/api/platform/status", headers: stranger })).json();
      expect(status).toMatchObject({ state: "ready", components: [{ name: "database", ...strange }], run: null });
      for (const url of ["/api/platform/status", "/status"]) {
        const page = await app.inject({ url, headers: { ...stranger, accept: "text/html" } });
        expect([url, page.statusCode, page.body.includes("18.4")]).toEqual([url, 200, false]);
      }
      expect((await app.inject({ url: "/api/platform/version", headers: stranger })).json()).toEqual({
        version: "1.2.3",
      });
    }
    const known = (await app.inject({ url: "/api/platform/status", headers })).json();
    expect(known.components[0]).toMatchObject({ version: "18.4", processes: [{ pid: expect.any(Number) }] });
    expect((await app.inject({ url: "/api/platform/version", headers })).json()).toHaveProperty("node");
    const here = await platformApp({ ...options, publicUrl: "http://localhost:4400" });
    expect((await here.inject("/api/platform/status")).json().components[0].processes).toHaveLength(1);
  });

  test("without a supervisor it says so, in JSON and on the page", async () => {
    const app = await platformApp({ supervisor: "/nowhere/api.sock" });
    expect((await app.inject("/api/platform/status")).json()).toMatchObject({
      state: "unknown",
      supervisor: { reachable: false, reason: "The supervisor is not running." },
      components: [],
    });
    const page = await app.inject("/status");
    expect(page.body).toContain("The platform&#39;s state is not known");
    expect(page.body).toContain("./devflow doctor");
    expect((await (await platformApp()).inject("/status")).body).toContain("was not told where the supervisor is");
  });

  test("a run that prepares something shows how far it is; half a line and a strange one are passed over", async () => {
    const id = "20261122T210000-abcdef";
    const gitea = urn("Artifact", "gitea");
    const progress = { phase: "compiling", done: 41, total: 100, eta: 180.4, note: "modernc.org/sqlite" };
    const runs = await folderOf({
      "20261121T000000-aaaaaa/run.json": JSON.stringify({ mode: "destroy" }),
      [`${id}/run.json`]: JSON.stringify({ id, mode: "up", createdAt: "2026-11-22T21:00:00.000Z" }),
      [`${id}/events.jsonl`]: `${lines(
        { at: 1, state: "started", urn: urn("Process", "postgres"), operation: "create" },
        { at: 2, state: "done", urn: urn("Process", "postgres"), operation: "create" },
        { at: 3, state: "progress", urn: gitea, operation: "create", progress },
        { at: 4, strange: true },
      )}{"at":5,"state":"don`,
    });
    const app = await platformApp({ runs });
    const { run, components } = (await app.inject("/api/platform/status")).json();
    expect(run).toMatchObject({ id, command: "up", state: "running" });
    expect(run.steps.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ["postgres", "done"],
      ["gitea", "running"],
    ]);
    const expected = { phase: "compiling", percent: 41, eta: 180, note: "modernc.org/sqlite" };
    expect(components).toMatchObject([{ name: "gitea", state: "preparing", progress: expected }]);
  });

  test("a component that the last run could not bring up is there, as failed", async () => {
    const id = "20261122T210000-abcdef";
    const product = "urn:pulumi:local::devflow::devflow:product:Gitea::code";
    const program = "urn:pulumi:local::devflow::devflow:product:Gitea$devflow:index:Artifact::gitea";
    const steps = [
      { urn: product, operation: "create", custom: false },
      { urn: program, parent: product, operation: "create", custom: true },
    ];
    const runs = await folderOf({
      [`${id}/run.json`]: JSON.stringify({ id, mode: "up", createdAt: "2026-11-22T21:00:00.000Z", steps }),
      [`${id}/events.jsonl`]: lines({ at: 3, state: "failed", urn: program, operation: "create", message: "No way." }),
      [`${id}/result.json`]: JSON.stringify({ status: "failed", finishedAt: "2026-11-22T21:00:10.000Z" }),
    });
    const { components } = (await (await platformApp({ runs })).inject("/api/platform/status")).json();
    expect(components).toMatchObject([
      { name: "code", state: "failed", reason: "the last up could not bring it up", processes: [] },
    ]);
  });

  test("a run whose runner was killed is interrupted on the status page and in the list, and prepares nothing", async () => {
    const id = "20261122T210000-abcdef";
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    const progress = { phase: "compiling", done: 41, total: 100 };
    const of = (runner: object) =>
      folderOf({
        [`${id}/run.json`]: JSON.stringify({ id, mode: "up", createdAt: "2026-11-22T21:00:00.000Z" }),
        [`${id}/runner.json`]: JSON.stringify(runner),
        [`${id}/events.jsonl`]: lines({ at: 3, state: "progress", urn: urn("Artifact", "gitea"), progress }),
      });
    // A later process may have the number of one that a reboot ended.
    for (const runner of [
      { pid: gone, started: "1@a" },
      { pid: process.pid, started: "1@another-boot" },
    ]) {
      const runs = await of(runner);
      const { run, components } = (await (await platformApp({ runs })).inject("/api/platform/status")).json();
      expect(run).toMatchObject({ id, state: "interrupted" });
      expect(components).toEqual([]);
      expect(await listRuns(runs, 5)).toMatchObject([{ id, state: "interrupted" }]);
    }
    const living = await identify(process.pid);
    const app = await platformApp({ runs: await of({ ...living }) });
    expect((await app.inject("/api/platform/status")).json()).toMatchObject({
      run: { id, state: "running" },
      components: [{ name: "gitea", state: "preparing" }],
    });
  });

  test("the script's question is answered by the page's own fragment", async () => {
    const app = await platformApp();
    const { body, headers } = await app.inject({ url: "/api/platform/status", headers: { accept: "text/html" } });
    expect(headers["content-type"]).toMatch(/^text\/html/);
    expect(body).toContain("<h1>");
    expect(body).not.toContain("<html");
    expect((await app.inject("/api/platform/version")).json()).toMatchObject({
      version: "1.2.3",
      node: process.versions.node,
    });
  });
});
