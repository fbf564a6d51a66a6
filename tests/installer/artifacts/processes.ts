import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Progress } from "../../../components/provider/host.ts";

const script = fileURLToPath(new URL("./child.ts", import.meta.url));

export interface Line extends Partial<Progress> {
  made?: { path: string; source: string };
  error?: { code?: string; message: string; hint?: string };
}

export interface Obtaining {
  child: ChildProcess;
  lines: Line[];
  /** The first line that fits, from now on or before; rejects when the process ends without one. */
  until(fits: (line: Line) => boolean): Promise<Line>;
  ended: Promise<void>;
}

/** Runs child.ts with the options, `before` being a command that runs it in other circumstances. */
export function obtainElsewhere(
  options: object,
  { before = [] as string[], env = {} as NodeJS.ProcessEnv } = {},
): Obtaining {
  const [program = process.execPath, ...args] = [...before, process.execPath, script, JSON.stringify(options)];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  const lines: Line[] = [];
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  const reader = createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as Line);
    look();
  });
  let over = false;
  const ended = new Promise<void>((resolve) => reader.once("close", resolve)).then(() => {
    over = true;
    look();
  });
  const until = (fits: (line: Line) => boolean) =>
    new Promise<Line>((resolve, reject) => {
      const watcher = () => {
        const found = lines.find(fits);
        if (found) resolve(found);
        else if (over) reject(new Error(`the process ended without it; it said ${JSON.stringify(lines.slice(-3))}`));
        else return;
        watchers.delete(watcher);
      };
      watchers.add(watcher);
      watcher();
    });
  return { child, lines, until, ended };
}
