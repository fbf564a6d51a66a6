import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type DockerEngine, dockerEngine } from "../../../components/provider/docker/engine.ts";

/** A real engine for the tests, of their own unless one is named. */
export interface TestEngine extends DockerEngine {
  /** As DOCKER_HOST has it. */
  host: string;
}

/** The engine that all files of one run share, with the images in it. */
declare module "vitest" {
  interface ProvidedContext {
    dockerHost: string;
  }
}

/** The one of this run, which `setup.ts` started. */
export function sharedEngine(): TestEngine {
  const host = inject("dockerHost");
  return { ...dockerEngine(host), host };
}

/** Name of the glue services' image that `setup.ts` built. */
export const glueImage = "devflow-test/glue:1";

/** Container products whose programs are not to be had on a machine without registries. */
export const absent = ["runtime", "timescale", "observability", "errors"];

const programs = ["dockerd", "containerd", "iptables", "busybox", "git", "setpriv"];

/** Why these tests cannot run on this machine; undefined when they can. */
export function whyNot(): string | undefined {
  const missing = programs.filter((name) => spawnSync("which", [name]).status !== 0);
  if (process.env.DEVFLOW_TEST_DOCKER_HOST)
    return missingOf(missing.filter((name) => /busybox|git|setpriv/.test(name)));
  if (process.getuid?.() !== 0) return "dockerd wants root; or name an engine by DEVFLOW_TEST_DOCKER_HOST";
  return missingOf(missing);
}

function missingOf(names: string[]): string | undefined {
  return names.length > 0 ? `not on PATH: ${names.join(", ")}` : undefined;
}

/** Starts an engine on a socket and a data folder of its own, which go with it. */
export async function testEngine(): Promise<TestEngine> {
  const named = process.env.DEVFLOW_TEST_DOCKER_HOST;
  if (named) return { ...dockerEngine(named), host: named };
  const folder = await mkdtemp(join(tmpdir(), "devflow-docker-"));
  const log = await open(join(folder, "dockerd.log"), "w");
  const host = `unix://${folder}/docker.sock`;
  const daemon = spawn(
    "dockerd",
    [
      ...["--host", host, "--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      // Without the default bridge, whose address another engine of this machine may have.
      ...["--pidfile", join(folder, "dockerd.pid"), "--bridge", "none"],
    ],
    { stdio: ["ignore", log.fd, log.fd], detached: true },
  );
  const engine = dockerEngine(host);
  await answers(engine, daemon, join(folder, "dockerd.log"));
  return { ...engine, host, [Symbol.asyncDispose]: stop };

  async function stop(): Promise<void> {
    await engine[Symbol.asyncDispose]();
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await ended;
    await log.close();
    // The engine leaves it mounted, and Node's rm never comes back from a folder with a mount in it.
    spawnSync("umount", [join(folder, "exec", "netns", "default")]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
}

async function answers(engine: DockerEngine, daemon: { exitCode: number | null }, log: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const there = await engine.find("/info").catch(() => undefined);
    if (there) return;
    if (daemon.exitCode !== null || tries > 300) throw new Error(`dockerd did not start; see ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
