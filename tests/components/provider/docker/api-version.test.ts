import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dockerEngine } from "../../../../components/provider/docker/engine.ts";
import { docker } from "../../../../installer/preflight/checks/docker.ts";
import { inputFor } from "../../../installer/preflight/machine.ts";

/** Refuses what an engine or a proxy before it refuses, on a socket of its own; answers the rest as a new engine does. */
async function refusing(refuse: (path: string) => { status: number; message: string } | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-api-"));
  const answers: Record<string, object> = {
    "/info": { ServerVersion: "29.1.0", OSType: "linux", MemoryLimit: true, MemTotal: 2 ** 34, SecurityOptions: [] },
    "/version": { ApiVersion: "1.52", MinAPIVersion: "1.44", Components: [{ Name: "Engine" }] },
  };
  const server = createServer(({ url = "" }, answer) => {
    const refused = refuse(url);
    answer.statusCode = refused?.status ?? 200;
    answer.end(JSON.stringify(refused ?? answers[url] ?? {}));
  });
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });
  return `unix://${socket}`;
}

/** As Docker 29 says it. */
function tooOld(path: string) {
  const [, minor] = /^\/v1\.(\d+)\//.exec(path) ?? [];
  const message = `client version 1.${minor} is too old. Minimum supported API version is 1.44, please upgrade your client`;
  return minor !== undefined && Number(minor) < 44 ? { status: 400, message } : undefined;
}

async function preflight(host: string, env: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), "devflow-api-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const input = inputFor({ folder }, { env });
  const settings = { ...input.settings, stack: { ...input.settings.stack, kind: "onprem" }, docker: { host } };
  return docker.run({ ...input, settings } as unknown as typeof input, AbortSignal.timeout(10_000));
}

test("harness 3650: an engine that refuses versions before 1.44 is asked without one, in whatever it speaks", async () => {
  const host = await refusing(tooOld);
  await using engine = dockerEngine(host, {});
  expect(await engine.call("GET", "/version")).toMatchObject({ MinAPIVersion: "1.44" });
  await expect(engine.call("GET", "/v1.41/version")).rejects.toThrow(/client version 1.41 is too old/);
  expect(await preflight(host)).toMatchObject({ status: "ok", result: expect.stringContaining("Docker 29.1.0") });
});

test("a version that the environment makes other clients speak is told when the engine would refuse it", async () => {
  const host = await refusing(tooOld);
  expect(await preflight(host, { DOCKER_API_VERSION: "1.41" })).toMatchObject({
    status: "fail",
    result: "DOCKER_API_VERSION is 1.41, and Docker 29.1.0 serves 1.44 and later",
    fix: expect.stringContaining("unset DOCKER_API_VERSION"),
  });
  expect(await preflight(host, { DOCKER_API_VERSION: "1.44" })).toMatchObject({ status: "ok" });
});

test("a proxy before the socket that refuses what it does not know is a finding with what to do, not a crash", async () => {
  const host = await refusing(() => ({ status: 403, message: "Forbidden" }));
  expect(await preflight(host)).toMatchObject({
    status: "fail",
    result: expect.stringContaining("Docker refused GET /"),
    fix: expect.stringContaining("without a version in their path"),
  });
});
