import { EventEmitter } from "node:events";
import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type StackPaths, stackPaths } from "../../components/provider/paths.ts";
import { daemonLog } from "./daemon-log.ts";
import { instanceFile, lockInstance, privateFolder, readInstance, writeInstance } from "./instance.ts";
import { defaultRotation, rotate } from "./log-rotation.ts";
import { identify } from "./process-table.ts";
import { createApi } from "./server.ts";
import { createSupervisor } from "./supervisor.ts";
import { residentMemory } from "./usage.ts";
import { productVersion } from "./version.ts";

/**
 * The supervisor of one stack: `node daemon.ts --root <folder of the stack>`. Runs until it is told to end, or has had
 * nothing to look after for a while. Processes outlive it; the next one adopts them.
 */

/** Milliseconds. */
const lockPatience = 5_000;
const lookEvery = 10_000;
const rotateEvery = 2_000;
const idleLimit = 60_000;

const { values } = parseArgs({
  options: {
    root: { type: "string" },
    hold: { type: "boolean", default: false },
    "only-load": { type: "boolean", default: false },
    "log-size": { type: "string", default: String(defaultRotation.size) },
    "log-keep": { type: "string", default: String(defaultRotation.keep) },
  },
});
if (!values["only-load"]) await main(pathsOf(values.root));

async function main(paths: StackPaths): Promise<void> {
  process.umask(0o077);
  process.on("SIGHUP", () => {});
  mkdirSync(paths.supervisor, { recursive: true, mode: 0o700 });
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const lock = await takeLock(paths);
  if (!lock) process.exit(0);
  const log = daemonLog(paths.log("supervisor"));
  process.on("uncaughtException", (error) => {
    log(`bug: ${error.stack}`);
    process.exit(1);
  });
  const startedAt = new Date().toISOString();
  const self = await identify(process.pid);
  log(`supervisor ${productVersion()} starts as process ${process.pid}`);
  const supervisor = await createSupervisor(paths, { log, hold: values.hold });
  const rotations = new EventEmitter<{ rotated: [string] }>().setMaxListeners(0);
  let lastCall = performance.now();
  const api = createApi(
    {
      supervisor,
      paths,
      rotations,
      version: () => ({
        version: productVersion(),
        pid: process.pid,
        startedAt,
        node: process.version,
        rss: residentMemory({ pid: process.pid }) || process.memoryUsage.rss(),
      }),
      exit: () => setImmediate(exit),
    },
    log,
  );
  api.on("request", () => {
    lastCall = performance.now();
  });
  await listen();
  writeInstance(paths, { pid: process.pid, start: self?.start ?? "", socket: paths.socket, version: productVersion() });
  process.getBuiltinModule("node:module").flushCompileCache();

  const rotation = { size: Number(values["log-size"]), keep: Number(values["log-keep"]) };
  setInterval(rotateAll, rotateEvery);
  setInterval(() => void listenAgain(), rotateEvery);
  setInterval(() => void lookAfter(), lookEvery);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal, "running"));

  async function listen(): Promise<void> {
    privateFolder(paths.socket);
    rmSync(paths.socket, { force: true });
    await new Promise<void>((resolve, reject) => api.once("error", reject).listen(paths.socket, resolve));
    chmodSync(paths.socket, 0o600);
  }

  /** Cleaners of temporary folders remove sockets; without one nobody could find or end what runs. */
  async function listenAgain(): Promise<void> {
    if (existsSync(paths.socket) || !lock?.intact() || !api.listening) return;
    log(`${paths.socket} was removed; listens there again`);
    await new Promise<void>((resolve) => {
      api.close(() => resolve());
      api.closeAllConnections();
    });
    await listen().catch((error: Error) => log(`cannot listen: ${error.message}`));
  }

  function rotateAll(): void {
    for (const name of ["supervisor", ...supervisor.names()]) {
      try {
        if (rotate(paths.log(name), rotation)) rotations.emit("rotated", paths.log(name));
      } catch (error) {
        log(`${name}: its log cannot be rotated: ${(error as Error).message}`);
      }
    }
  }

  async function lookAfter(): Promise<void> {
    if (!lock?.intact()) await shutDown("its folder was removed", "stopped");
    await supervisor.look();
    if (supervisor.names().length === 0 && performance.now() - lastCall > idleLimit) exit();
  }

  /** @param wanted what the next supervisor does with the processes. */
  async function shutDown(why: string, wanted: "running" | "stopped"): Promise<void> {
    log(`stops all processes: ${why}`);
    await supervisor.stopAll(wanted);
    exit();
  }

  function exit(): void {
    api.close();
    rmSync(paths.socket, { force: true });
    rmSync(instanceFile(paths), { force: true });
    log("supervisor ends");
    // Answers that are on their way, the one to whoever asked for the end among them, get out first.
    setTimeout(() => process.exit(0), 100).unref();
    api.closeIdleConnections();
  }
}

/** Waits a little for a predecessor that is just ending; undefined when one that lives has the lock. */
async function takeLock(paths: StackPaths) {
  const end = performance.now() + lockPatience;
  for (;;) {
    const lock = lockInstance(paths);
    if (lock || readInstance(paths) !== undefined || performance.now() > end) return lock;
    await sleep(50);
  }
}

function pathsOf(root: string | undefined): StackPaths {
  const wanted = resolve(root ?? "");
  const paths = stackPaths(dirname(dirname(wanted)), basename(wanted));
  if (root !== undefined && paths.root === wanted) return paths;
  throw new Error("Usage: node daemon.ts --root <home>/stacks/<name>");
}
