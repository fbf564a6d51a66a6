import { type SpawnOptions, spawn } from "node:child_process";
import { DevflowError } from "../error.ts";

/**
 * Runs a program to its end and answers what it printed.
 *
 * @param options.input written to its standard input
 * @param options.timeout milliseconds until its process group is killed
 * @throws DevflowError COMMAND_FAILED saying what ran, how it ended and its last lines; DISK_FULL where it says that
 */
export async function run(
  command: string[],
  options: Pick<SpawnOptions, "env" | "cwd" | "uid" | "gid"> & { timeout: number; signal: AbortSignal; input?: string },
): Promise<string> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { ...options, signal: undefined, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  const lines: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk) && lines.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => lines.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  let timedOut = false;
  const kill = () => child.pid && killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeout);
  options.signal.addEventListener("abort", kill, { once: true });
  try {
    const ended = await new Promise<string | undefined>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
    });
    if (ended === undefined) return Buffer.concat(output).toString();
    throw failure(
      command,
      timedOut ? `no end after ${options.timeout / 1000} s` : ended,
      Buffer.concat(lines).toString(),
    );
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", kill);
  }
}

function failure(command: string[], how: string, printed: string): DevflowError {
  const last = printed.trim().split("\n").slice(-8).join("\n");
  const full = /no space left on device|disk quota exceeded/i.test(printed);
  return new DevflowError(
    full ? "DISK_FULL" : "COMMAND_FAILED",
    `${named(command)} … failed (${how})${last && `:\n${last}`}`,
    {
      hint: full
        ? "The disk is full. Free some space and run `./devflow up` again, which resumes."
        : "The lines above are its own; correct the cause and run `./devflow up` again, which resumes.",
    },
  );
}

/** The program's own first words: what only makes it another user says nothing to a reader. */
function named(command: string[]): string {
  const own =
    command[0] === "unshare" ? command.slice(command.findIndex((word, at) => at > 0 && word[0] !== "-")) : command;
  return own.slice(0, 3).join(" ");
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
