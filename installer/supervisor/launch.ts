import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DevflowError } from "../../components/error.ts";
import { homePaths, type StackPaths } from "../../components/provider/paths.ts";
import { inheritedEnvironment } from "./child-environment.ts";
import { find, type SupervisorClient } from "./connection.ts";
import { type Hang, watchForHang } from "./hang.ts";
import { privateFolder, readInstance } from "./instance.ts";
import { quotableLines } from "./log-reading.ts";
import { identify } from "./process-table.ts";
import { productVersion } from "./version.ts";

export interface LaunchOptions {
  /** Adopts what lives and starts nothing: for `down`. @default false */
  hold?: boolean;
  /** More arguments of the daemon (`--log-size`, `--log-keep`). @default none */
  arguments?: string[];
}

/** Starts of a supervisor while another one holds the lock, which is starting or ending; each waits 5 s for it. */
const mostStarts = 6;

/** Nothing for 30 s, since it looks after its processes first; or a minute of the processor, of which a start takes one second. */
const starting = { idle: 120, busy: 60 };

/**
 * The stack's supervisor, started first if none answers. Two callers at once get the same one. One of another version
 * is replaced; its processes run on.
 *
 * @throws DevflowError SUPERVISOR_UNREACHABLE with the last lines of its log.
 */
export async function ensureRunning(paths: StackPaths, options: LaunchOptions = {}): Promise<SupervisorClient> {
  const running = await answering(paths);
  if (running && (await running.version()).version === productVersion()) return running;
  await running?.detach();
  await fillCodeCache();
  for (let starts = 0; starts < mostStarts; starts++) {
    const daemon = startDaemon(paths, options);
    const client = await firstAnswer(paths, daemon);
    if (client) {
      // Another caller's was first; ours must not take over once that one ends.
      if ((await client.version()).pid !== daemon.pid) daemon.end();
      return client;
    }
    // Zero: another one has the lock, it is starting or ending.
    if (daemon.exitCode() !== 0) break;
    await sleep(100);
  }
  throw unreachable(paths);
}

/** The first supervisor that answers; undefined when ours ended or hangs. A busy machine takes its time to start Node. */
async function firstAnswer(paths: StackPaths, daemon: Daemon): Promise<SupervisorClient | undefined> {
  const over = new AbortController();
  const identity = daemon.pid === undefined ? undefined : await identify(daemon.pid);
  let hangs = false;
  const watch = watchForHang(() => identity, starting, over.signal).then(
    () => {
      hangs = true;
    },
    () => undefined,
  );
  try {
    while (!hangs) {
      const client = await answering(paths);
      if (client || daemon.exitCode() !== undefined) return client;
      await sleep(20);
    }
    return undefined;
  } finally {
    over.abort();
    await watch;
  }
}

/** @throws DevflowError SUPERVISOR_UNREACHABLE when there is one that will never answer. */
async function answering(paths: StackPaths): Promise<SupervisorClient | undefined> {
  const found = await find(paths);
  if (found && "hang" in found) throw hanging(found.pid, found.hang);
  return found?.client;
}

function hanging(pid: number, hang: Hang): DevflowError {
  const { what, command } = {
    stopped: { what: "was stopped", command: `Let it go on: \`kill -CONT ${pid}\`` },
    waits: { what: "does nothing and does not answer", command: `End it: \`kill -9 ${pid}\`` },
    spins: { what: "computes without end and does not answer", command: `End it: \`kill -9 ${pid}\`` },
  }[hang];
  return new DevflowError("SUPERVISOR_UNREACHABLE", `The supervisor of this stack, process ${pid}, ${what}.`, {
    hint: `${command}, then run this again. The stack's processes go on meanwhile.`,
  });
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

type Daemon = ReturnType<typeof startDaemon>;

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
