import type { Io } from "../../../installer/commands/command.ts";

/** An Io that keeps what was written. Plain, 100 columns, UTF-8, nobody to ask, unless told otherwise. */
export function capture(changes: Partial<Io> = {}): Io & { stdout(): string; stderr(): string } {
  const text = { out: "", err: "" };
  return {
    out: (more) => {
      text.out += more;
    },
    err: (more) => {
      text.err += more;
    },
    json: false,
    color: false,
    terminal: false,
    columns: 100,
    interactive: false,
    env: { LANG: "C.UTF-8", PATH: process.env.PATH },
    cwd: process.cwd(),
    signal: new AbortController().signal,
    ...changes,
    stdout: () => text.out,
    stderr: () => text.err,
  };
}
