import { execFile } from "node:child_process";
import type { Execution } from "../preflight/facts.ts";

/** Runs a program to its end, in the C locale so that its words can be compared. Never rejects: see `code`. */
export function exec(command: [string, ...string[]], signal?: AbortSignal): Promise<Execution> {
  const [program, ...args] = command;
  const options = { env: { ...process.env, LC_MESSAGES: "C" }, maxBuffer: 16 << 20, ...(signal && { signal }) };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : notStarted(error.code)) : 0;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The codes a shell gives: 127 no such program, 126 it may not be run. */
function notStarted(code: string | null | undefined): number {
  return code === "ENOENT" ? 127 : 126;
}
