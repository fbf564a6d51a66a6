import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface GoCommand {
  program: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Each line of standard error, as it comes. */
  line?: (line: string) => void;
  /** Milliseconds without a line after which the command is ended as hanging; none by default. */
  silence?: number;
}

/**
 * Runs the program at low priority in a process group of its own. The group ends with the abort signal and also when
 * this process dies, however it dies: its end of the pipe closes, and the watch beside the program sees that.
 */
const guarded = `
exec 3<&0
nice -n 10 "$@" </dev/null 3<&- &
work=$!
{ cat <&3 >/dev/null; kill -KILL 0; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$work"; code=$?
kill -KILL "$watch" 2>/dev/null
exit "$code"
`;

/** Standard output, whole. @throws GoFailed with the last lines of standard error */
export async function goCommand(command: GoCommand): Promise<string> {
  command.signal.throwIfAborted();
  const child = spawn("/bin/sh", ["-c", guarded, "devflow-go", command.program, ...command.args], {
    cwd: command.cwd,
    env: command.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const end = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group has already ended.
    }
  };
  const last: string[] = [];
  let hung = false;
  const watchdog = command.silence
    ? setInterval(() => {
        hung = true;
        end();
      }, command.silence)
    : undefined;
  command.signal.addEventListener("abort", end);
  createInterface({ input: child.stderr }).on("line", (line) => {
    watchdog?.refresh();
    last.push(line);
    if (last.length > 12) last.shift();
    command.line?.(line);
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    command.signal.throwIfAborted();
    if (code === 0) return output;
    throw new GoFailed(
      command.args[0] ?? "",
      hung ? `nothing happened for ${(command.silence ?? 0) / 1000} s` : last.join("\n"),
    );
  } finally {
    command.signal.removeEventListener("abort", end);
    clearInterval(watchdog);
  }
}

export class GoFailed extends Error {
  constructor(verb: string, detail: string) {
    super(`go ${verb} failed: ${detail}`);
    this.name = "GoFailed";
  }
}
