import { writeSync } from "node:fs";
import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import { forStack } from "./for-stack.ts";

/**
 * The world as commands see it. Read from the raw arguments, because errors in the arguments themselves must already be
 * shown as the person asked (`--json`, `--no-color`).
 */
export function processIo(argv: readonly string[], signal: AbortSignal): Io {
  const { env, stdin, stderr, stdout } = process;
  const flags = new Set(argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv);
  const terminal = stderr.isTTY === true && !env.CI && env.TERM !== "dumb";
  return {
    out: (text) => write(1, text),
    err: (text) => write(2, forStack(text, argv)),
    json: flags.has("--json"),
    color: colours(env, flags, stderr.isTTY === true && (stdout.isTTY === true || flags.has("--json"))),
    terminal,
    columns: (stderr.columns || stdout.columns || Number(env.COLUMNS) || 100) as number,
    ...(stdout.isTTY && { outColumns: stdout.columns || 100 }),
    interactive: stdin.isTTY === true && stderr.isTTY === true && !env.CI && !flags.has("--yes") && !flags.has("-y"),
    env,
    cwd: process.cwd(),
    signal,
  };
}

/** The same with the width of stdout: what is data is broken for a terminal only, never for a pipe or a file. */
export function onStdout(io: Io): Io {
  return { ...io, columns: io.outColumns ?? Number.POSITIVE_INFINITY };
}

/** NO_COLOR and `--no-color` win over FORCE_COLOR (https://no-color.org, https://force-color.org), which wins over the terminal. */
function colours(env: NodeJS.ProcessEnv, flags: Set<string>, terminal: boolean): boolean {
  if (flags.has("--no-color") || env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return terminal && env.TERM !== "dumb";
}

/**
 * Synchronous, so that nothing is lost when the program exits right after. A reader that went away (`| head`) ends the
 * program quietly; one that is slow is waited for.
 */
function write(fd: 1 | 2, text: string): void {
  const data = Buffer.from(text);
  for (let sent = 0; sent < data.length; ) {
    try {
      sent += writeSync(fd, data, sent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE" || code === "EIO") throw new ReaderGone();
      if (code !== "EAGAIN") throw unwritable(fd, error as NodeJS.ErrnoException);
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Where the output goes is the caller's choice, so what is wrong with it is no defect. */
function unwritable(fd: 1 | 2, cause: NodeJS.ErrnoException): DevflowError {
  const what = fd === 1 ? "Standard output" : "Standard error";
  const full = /^(ENOSPC|EDQUOT|EFBIG)$/.test(cause.code ?? "");
  const reason = full ? "there is no space left where it goes" : cause.message;
  return new DevflowError(full ? "DISK_FULL" : "COMMAND_FAILED", `${what} cannot be written: ${reason}.`, {
    hint: full ? "Free some space, or send it elsewhere." : "Send it elsewhere.",
  });
}

/** Nobody reads any more: the program ends without a word. */
export class ReaderGone extends Error {
  override name = "ReaderGone";
}
