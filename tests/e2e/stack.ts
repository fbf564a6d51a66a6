import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { homePaths, type StackPaths, stackPaths } from "../../components/provider/paths.ts";
import { processStart } from "../../installer/process-identity.ts";

const cli = fileURLToPath(new URL("../../installer/cli.ts", import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** A stack in a home of its own, driven as a person would: by the command line, with the programs of the shared cache. */
export interface TestStack {
  paths: StackPaths;
  /** First of its block of ports. */
  port: number;
  answers: string;
  /** Runs a command to its end. */
  devflow(...args: string[]): Promise<Ended>;
  /** Starts a command in a session of its own. */
  start(...args: string[]): Started;
  /** Ends everything and removes the home. */
  remove(): Promise<void>;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when stderr or stdout has shown the words. */
  shows(words: RegExp): Promise<void>;
}

/** @param answers more lines of the answers file. */
export async function testStack(answers = "", env: Record<string, string> = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-e2e-"));
  const [home, work] = [join(folder, "home"), join(folder, "work")];
  await mkdir(work, { recursive: true });
  const port = await freeBlock();
  const file = join(work, "devflow.yaml");
  await writeFile(file, `version: 1\nprofile: minimal\nnetwork: { port: ${port} }\n${answers}`);
  const all = {
    ...process.env,
    DEVFLOW_CACHE: homePaths().cache,
    ...env,
    DEVFLOW_HOME: home,
    // The machine's own is not for tests to change.
    DEVFLOW_HOSTS_FILE: join(work, "hosts"),
    CI: "1",
    LANG: "C.UTF-8",
  };
  const paths = stackPaths(home, "local");
  const start = (...args: string[]) => started(args, { cwd: work, env: all });
  return {
    paths,
    port,
    answers: file,
    start,
    devflow: (...args) => start(...args).ended,
    async remove() {
      await start("destroy", "--yes", "--confirm", "local").ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tries until it does not throw, at most so many seconds, and answers what it gave. */
export async function eventually<T>(what: () => Promise<T>, seconds = 60): Promise<T> {
  for (const until = performance.now() + seconds * 1000; ; await pause(200)) {
    try {
      return await what();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

/** A process that has ended but that nobody has waited for (in a container without an init) does not count. */
export async function running(pid: number): Promise<boolean> {
  return (await processStart(pid)) !== undefined;
}

function started(args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Started {
  const began = performance.now();
  const child = spawn(process.execPath, [cli, ...args], {
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      text[name] += more;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, ...text, seconds: (performance.now() - began) / 1000 }));
  });
  const shows = async (words: RegExp) => {
    for (const until = performance.now() + 60_000; !words.test(text.stderr + text.stdout); await pause(20)) {
      if (performance.now() > until || child.exitCode !== null)
        throw new Error(`it never showed ${words}:\n${text.stderr}`);
    }
  };
  return { child, ended, shows };
}

/** First port of twenty that are free now. */
export async function freeBlock(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 600) * 20;
    const free = await Promise.all(Array.from({ length: 20 }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
