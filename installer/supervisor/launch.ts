import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DevflowError } from "../../components/error.ts";
import { homePaths, type StackPaths } from "../../components/provider/paths.ts";
import { inheritedEnvironment } from "./child-environment.ts";
import { connect, type SupervisorClient } from "./connection.ts";
import { privateFolder, readInstance } from "./instance.ts";
import { quotableLines } from "./log-reading.ts";
import { productVersion } from "./version.ts";

export interface LaunchOptions {
  /** Adopts what lives and starts nothing: for `down`. @default false */
  hold?: boolean;
  /** More arguments of the daemon (`--log-size`, `--log-keep`). @default none */
  arguments?: string[];
}

/** Milliseconds; a machine busy with a build takes its time to start Node. */
const patience = 30_000;

/**
 * The stack's supervisor, started first if none answers. Two callers at once get the same one. One of another version
 * is replaced; its processes run on.
 *
 * @throws DevflowError SUPERVISOR_UNREACHABLE with the last lines of its log.
 */
export async function ensureRunning(paths: StackPaths, options: LaunchOptions = {}): Promise<SupervisorClient> {
  const running = await connect(paths);
  if (running && (await running.version()).version === productVersion()) return running;
  await running?.detach();
  await fillCodeCache();
  const end = performance.now() + patience;
  while (performance.now() < end) {
    const daemon = startDaemon(paths, options);
    while (performance.now() < end) {
      const client = await connect(paths);
      if (client) {
        // Another caller's was first; ours must not take over once that one ends.
        if ((await client.version()).pid !== daemon.pid) daemon.end();
        return client;
      }
      if (daemon.exitCode() !== undefined) break;
      await sleep(20);
    }
    // Zero: another one has the lock, it is starting or ending.
    if (daemon.exitCode()) break;
    await sleep(100);
  }
  throw unreachable(paths);
}

/**
 * From the cache Node takes the daemon's code without loading its TypeScript compiler, which would stay in memory with
 * 18 MB: the first time on a machine the code is loaded once just to fill it.
 */
async function fillCodeCache(): Promise<void> {
  if (existsSync(codeCache())) return;
  const child = spawn(process.execPath, [...frugal, program, "--only-load"], {
    env: { ...inheritedEnvironment(), ...frugalEnvironment() },
    stdio: "ignore",
  });
  // Whatever keeps it from doing so, the daemon's own start will tell.
  await once(child, "exit").catch(() => undefined);
}

function codeCache(): string {
  return join(homePaths().cache, "node-code", productVersion());
}

function startDaemon(paths: StackPaths, { hold = false, arguments: more = [] }: LaunchOptions) {
  mkdirSync(paths.supervisor, { recursive: true, mode: 0o700 });
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  privateFolder(paths.socket);
  const log = openSync(paths.log("supervisor"), "a", 0o600);
  const rest = [...frugal, program, "--root", paths.root, ...(hold ? ["--hold"] : []), ...more];
  const child = spawn(process.execPath, rest, {
    cwd: paths.root,
    env: { ...inheritedEnvironment(), ...frugalEnvironment() },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  let code: number | undefined;
  child.once("exit", (exit) => {
    code = exit ?? 1;
  });
  child.once("error", () => {
    code = 1;
  });
  return { pid: child.pid, exitCode: (): number | undefined => code, end: () => child.kill("SIGTERM") };
}

const program = fileURLToPath(new URL("daemon.ts", import.meta.url));

/** The supervisor lives as long as the stack: memory counts for more than speed. */
const frugal = ["--max-old-space-size=64", "--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];

function frugalEnvironment(): Record<string, string> {
  return {
    NODE_COMPILE_CACHE: codeCache(),
    MALLOC_ARENA_MAX: "1",
    UV_THREADPOOL_SIZE: "2",
  };
}

function unreachable(paths: StackPaths): DevflowError {
  const lines = quotableLines(paths.log("supervisor"), 10);
  const said = lines.length > 0 ? ` Its log ends with:\n${lines.map((line) => `  ${line}`).join("\n")}` : "";
  const holder = readInstance(paths)?.pid;
  const hung =
    holder === undefined ? "" : ` If process ${holder} is a supervisor that hangs, end it: kill -9 ${holder}.`;
  return new DevflowError("SUPERVISOR_UNREACHABLE", `The supervisor of this stack does not answer.${said}`, {
    hint: `Read ${paths.log("supervisor")}.${hung}`,
  });
}
