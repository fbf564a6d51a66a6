import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { cloneDatabase } from "../build.ts";
import { freePort } from "../postgres-server.ts";

const entry = fileURLToPath(new URL("../../../glue-services/host/server.ts", import.meta.url));

/** Starts the host as the supervisor does: an environment in full, nothing else. */
function host(env: Record<string, string>): {
  child: ChildProcess;
  output: () => string;
  exit: Promise<number | null>;
} {
  const child = spawn(process.execPath, ["--max-semi-space-size=2", entry], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part) => (output += part));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, output: () => output, exit };
}

describe("the glue host", () => {
  test("starts on a database, is ready, stays small, and closes in order", async () => {
    const cache = await mkdtemp(join(tmpdir(), "devflow-compile-"));
    onTestFinished(() => rm(cache, { recursive: true }));
    const { url } = await cloneDatabase();
    const start = async () => {
      const port = await freePort();
      const env = { PORT: String(port), DATABASE_URL: url, SERVICES: "platform", NODE_COMPILE_CACHE: cache };
      const started = host(env);
      const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status;
      await expect.poll(ready).toBe(200);
      return started;
    };
    // The first start fills the cache of compiled code; what a machine runs is the second.
    const first = await start();
    first.child.kill("SIGTERM");
    expect(await first.exit).toBe(0);

    const { child, exit, output } = await start();
    if (process.platform === "linux") {
      const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]);
      expect(kib / 1024).toBeLessThan(115);
    }
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    expect(output()).not.toContain(new URL(url).password);
  });

  test("an environment that is wrong stops the start with every name and no value", async () => {
    const { exit, output } = host({ PORT: "70000", LOG_LEVEL: "loud", DATABASE_URL: "mysql://root:hunter2@db/x" });
    expect(await exit).toBe(1);
    for (const name of ["PORT", "LOG_LEVEL", "DATABASE_URL"]) expect(output()).toContain(name);
    expect(output()).not.toContain("hunter2");
  });

  test("a service that does not exist, and a port that is taken, stop the start and say so", async () => {
    const unknown = host({ PORT: "0", SERVICES: "platform,nothing" });
    expect(await unknown.exit).toBe(1);
    expect(unknown.output()).toMatch(/SERVICES names nothing, but there are only platform/);
    const port = await freePort();
    const one = host({ PORT: String(port), SERVICES: "platform" });
    await expect.poll(() => one.output()).toContain("listening");
    const two = host({ PORT: String(port), SERVICES: "platform" });
    expect(await two.exit).toBe(1);
    expect(two.output()).toContain("EADDRINUSE");
  });
});
