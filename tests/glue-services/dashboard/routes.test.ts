import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dashboard } from "../../../glue-services/dashboard/app.ts";
import { buildDashboard } from "../../../glue-services/dashboard/build.ts";
import { openShell } from "../../../glue-services/dashboard/shell.ts";
import { platform } from "../../../glue-services/platform/app.ts";
import { ready, testStack } from "../../installer/supervisor/test-stack.ts";
import { build, person } from "../build.ts";
import { builds, writeRuns } from "./platform.ts";

const options = { version: "0.1.0", publicUrl: "http://localhost:4400", docs: undefined, addresses: {} };
const administrator = { roles: ["platform-administrator"] };

test("a build that is there is not made again, and its page is served under a strict policy", async () => {
  const folder = await buildDashboard(builds);
  const steps: string[] = [];
  expect(await buildDashboard(builds, (step) => steps.push(step))).toBe(folder);
  expect(steps).toEqual(["The dashboard is built already."]);
  const shell = await openShell(builds);
  const services = [
    platform({ ...options, supervisor: undefined, runs: undefined, shell: shell.send }),
    dashboard({ shell, version: "0.1.0", kind: "local", publicUrl: options.publicUrl }),
  ];
  const { app } = await build(services);
  const page = await app.inject({ url: "/people" });
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect(page.body).toContain(`nonce="${nonce}"`);
  expect((await app.inject({ url: "/" })).headers["content-security-policy"]).not.toBe(policy);

  const script = /src="(\/app\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? "";
  const file = await app.inject({ url: script, headers: { "accept-encoding": "br" } });
  expect(file.headers).toMatchObject({
    "content-encoding": "br",
    "cache-control": "public, max-age=31536000, immutable",
  });
  expect((await app.inject({ url: "/app/../package.json" })).statusCode).toBe(404);
  expect((await app.inject({ url: "/app/assets/nothing.js" })).statusCode).toBe(404);
});

test("without a build the plain pages answer", async () => {
  const empty = await mkdtemp(join(tmpdir(), "devflow-none-"));
  onTestFinished(() => rm(empty, { recursive: true }));
  const shell = await openShell(empty);
  const { app } = await build([
    platform({ ...options, supervisor: undefined, runs: undefined, shell: shell.send }),
    dashboard({ shell, version: "0.1.0", kind: "local", publicUrl: options.publicUrl }),
  ]);
  expect((await app.inject({ url: "/" })).body).toContain("state is not known");
  expect((await app.inject({ url: "/docs/install" })).body).toContain("<h1");
  expect((await app.inject({ url: "/people" })).headers.location).toBe("/");
});

test("runs, logs, dependencies and settings are for administrators of the platform alone", async () => {
  const { app } = await build([platform({ ...options, supervisor: "/nowhere", runs: undefined })]);
  const member = person({ roles: ["owner"] });
  const paths = ["runs", "runs/x", "dependencies", "settings", "processes/a/log", "processes/a/log/download"];
  for (const path of paths) {
    const url = `/api/platform/${path}`;
    expect({ url, status: (await app.inject({ url })).statusCode }).toEqual({ url, status: 401 });
    expect({ url, status: (await app.inject({ url, headers: member.headers })).statusCode }).toEqual({
      url,
      status: 403,
    });
  }
  const restart = await app.inject({
    method: "POST",
    url: "/api/platform/processes/a/restart",
    headers: member.headers,
  });
  expect(restart.statusCode).toBe(403);
});

test("a run is told with its plan, its progress, what failed and what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-runs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeRuns(folder);
  const { app } = await build([platform({ ...options, supervisor: undefined, runs: folder })]);
  const { headers } = person(administrator);
  const runs = (await app.inject({ url: "/api/platform/runs", headers })).json();
  expect(runs.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
    ["20260102T100000-bbbbbb", "failed"],
    ["20260101T100000-aaaaaa", "succeeded"],
  ]);
  const run = (await app.inject({ url: "/api/platform/runs/20260102T100000-bbbbbb", headers })).json();
  expect(run).toMatchObject({
    changes: { create: 3, same: 0 },
    steps: { done: 2, total: 3 },
    error: { component: "clock", step: "Process clock", message: "Port 3000 is held by node (pid 4121)." },
    components: [
      { name: "database", version: "18.4", state: "done" },
      { name: "clock", state: "failed" },
    ],
  });
  for (const id of ["20260103T100000-cccccc", "..%2f..", "x"]) {
    expect((await app.inject({ url: `/api/platform/runs/${id}`, headers })).statusCode).toBe(404);
  }
  const settings = (await app.inject({ url: "/api/platform/settings", headers })).json();
  expect(settings.settings[0]).toMatchObject({ path: "network.port", from: "flag" });
});

test("a log's end, its search and its dependencies come from the supervisor", async () => {
  const stack = await testStack();
  onTestFinished(() => stack.dispose());
  const client = await stack.client();
  await client.put(stack.spec("base", {}));
  await ready(client, "base");
  await client.put(stack.spec("talk", { sh: "seq 1 50; exec sleep 1000", after: ["base"] }));
  await ready(client, "talk");
  const { app } = await build([platform({ ...options, supervisor: stack.paths.socket, runs: undefined })]);
  const { headers } = person(administrator);
  const get = async (path: string) => (await app.inject({ url: `/api/platform/${path}`, headers })).json();

  const log = await get("processes/talk/log");
  expect(log.lines.map(({ text }: { text: string }) => text)).toEqual(expect.arrayContaining(["1", "50"]));
  expect(log.lines.at(-1).n).toBe(log.lines.length - 1);
  expect(await get("processes/talk/log/search?q=4&limit=3")).toMatchObject({ lines: ["47", "48", "49"], found: 14 });
  expect(await get("dependencies")).toEqual([{ from: "talk", to: "base" }]);
  expect((await get("processes/nobody/log")).error.code).toBe("NOT_FOUND");

  const before = (await client.get("talk")).status.pid;
  await app.inject({ method: "POST", url: "/api/platform/processes/talk/restart", headers });
  expect((await client.get("talk")).status.pid).not.toBe(before);
});
