import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { stringify } from "yaml";

/** Programs and a folder that belong to a test and go with it. */
export interface Running {
  folder: string;
  /** Writes a file there and answers its path. */
  write(name: string, content: string | object): Promise<string>;
  /** Starts a program and waits until it answers. @throws with what it said when it ends instead */
  start(program: string, args: string[], ready: string, env?: NodeJS.ProcessEnv): Promise<ChildProcess>;
  stop(child: ChildProcess): Promise<void>;
  dispose(): Promise<void>;
}

export async function running(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-observability-"));
  const children: ChildProcess[] = [];
  return { folder, write, start, stop, dispose };

  async function write(name: string, content: string | object): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, typeof content === "string" ? content : stringify(content));
    return file;
  }

  async function start(program: string, args: string[], ready: string, env: NodeJS.ProcessEnv = {}) {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        said = (said + bytes.toString()).slice(-5000);
      });
    }
    for (const until = Date.now() + 60_000; ; await pause(100)) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}:\n${said}`);
      if (
        await fetch(ready).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return child;
      if (Date.now() > until) throw new Error(`${program} does not answer at ${ready}:\n${said}`);
    }
  }

  async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await closed;
    clearTimeout(patience);
  }

  async function dispose(): Promise<void> {
    for (const child of children.toReversed()) await stop(child);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a collector takes a configuration; what it says of it otherwise. */
export async function refusal(program: string, file: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const run = promisify(execFile)(program, ["validate", `--config=${file}`], { env: { ...process.env, ...env } });
  return run.then(
    () => "",
    (error: { stderr: string }) => error.stderr,
  );
}
