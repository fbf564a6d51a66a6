import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { homePaths } from "../../components/provider/paths.ts";

const cli = fileURLToPath(new URL("../../installer/cli.ts", import.meta.url));

export interface Said {
  code: unknown;
  stdout: string;
  stderr: string;
}

export interface CommandLine {
  /** Where it runs; the file `key` in it holds an API key. */
  folder: string;
  /** Runs a command to its end. */
  devflow(args: string[], options?: { input?: string; interruptAt?: RegExp }): Promise<Said>;
}

/** The command line in a folder of its own, for a platform that answers at an address of this machine. */
export async function commandLine(
  platformUrl: string,
  key: string,
  more: Record<string, string> = {},
): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-command-line-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "key"), `${key}\n`);
  const { DEVFLOW_API_KEY: _key, ...rest } = process.env;
  const home = { DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache };
  const env = { ...rest, ...home, CI: "1", NO_COLOR: "1", ...more };
  // The platform is the second of a stack's block of ports.
  const port = Number(new URL(platformUrl).port) - 1;
  return {
    folder,
    async devflow(args, { input = "", interruptAt } = {}) {
      const child = spawn(process.execPath, [cli, ...args, "--set", `network.port=${port}`], {
        ...{ cwd: folder, env },
        stdio: ["pipe", "pipe", "pipe"],
      });
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      const said = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (more: string) => {
          said[name] += more;
          if (interruptAt?.test(said[name])) child.kill("SIGINT");
        });
      }
      const code = await new Promise((resolve) => child.once("close", resolve));
      return { code, ...said };
    },
  };
}
