import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessSpec } from "../../components/provider/process.ts";
import { giveFolder, mayReach, unprivileged } from "../../components/provider/unprivileged.ts";
import { childEnvironment } from "./child-environment.ts";
import { type Identity, identify, isAlive } from "./process-table.ts";

export interface Exit {
  code: number | null;
  signal: string | null;
}

/** A process that runs, whether this supervisor started it or a former one did. */
export interface Running {
  main: Identity;
  exited: Promise<Exit>;
}

/** How often an adopted process is looked after (milliseconds): its parent is gone, so nobody tells of its exit. */
const adoptedPoll = 500;

/**
 * Starts a process as the leader of a session of its own, with its output going straight to its log file, so that it
 * outlives this supervisor.
 *
 * @throws when the program cannot be started at all: missing, not executable, its folder missing or out of reach.
 */
export async function startProcess(spec: ProcessSpec, paths: StackPaths, marker: string): Promise<Running> {
  if (!existsSync(spec.cwd)) throw new Error(`its folder ${spec.cwd} does not exist`);
  const { command, uid, gid } = withoutRoot(spec, paths);
  const [program = "", ...rest] = command;
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log(spec.name), "a", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(program, rest, {
      cwd: spec.cwd,
      env: childEnvironment(spec.env, marker),
      detached: true,
      stdio: ["ignore", log, log],
      ...(uid !== undefined && gid !== undefined && { uid, gid }),
    });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<Exit>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(inWords(error, program)));
  });
  const pid = child.pid ?? 0;
  return { main: (await identify(pid, { zombie: true })) ?? { pid, start: "gone" }, exited };
}

/** Takes over a process that a former supervisor started. How it exits cannot be known. */
export function adoptProcess(main: Identity): Running {
  const poll = async (): Promise<Exit> => {
    while (isAlive(main)) await sleep(adoptedPoll);
    return { code: null, signal: null };
  };
  return { main, exited: poll() };
}

function withoutRoot(spec: ProcessSpec, paths: StackPaths): { command: string[]; uid?: number; gid?: number } {
  if (!spec.refusesRoot) return { command: spec.command };
  const user = unprivileged(spec.command);
  if (user.uid === undefined || user.gid === undefined) return user;
  const owner = { uid: user.uid, gid: user.gid };
  // Only folders of this stack are given away; a program's own folder elsewhere must merely be reachable.
  if (spec.cwd.startsWith(`${paths.root}/`)) giveFolder(spec.cwd, owner);
  mayReach(spec.cwd, owner);
  mayReach(spec.command[0] ?? "", owner);
  return user;
}

function inWords(error: NodeJS.ErrnoException, program: string): Error {
  const reason =
    error.code === "ENOENT"
      ? `the program ${program} does not exist`
      : error.code === "EACCES"
        ? `the program ${program} may not be executed`
        : error.message;
  return new Error(reason, { cause: error });
}
