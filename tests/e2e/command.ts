import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../installer/cli.ts", import.meta.url));

/** How a command ended that nobody could be asked anything by. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the installer to its end, in a process of its own. */
export function devflow(args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ended> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...args], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      text[name] += more;
    });
  }
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...text })));
}

/** What of a `preview --json` changes, as `operation type name`. */
export function changesOf({ code, stdout, stderr }: Ended): string[] {
  if (code !== 0) throw new Error(`preview ended with ${code}:\n${stderr}`);
  const { plan } = JSON.parse(stdout) as { plan: { steps: { urn: string; operation: string; custom: boolean }[] } };
  return plan.steps
    .filter(({ custom, operation }) => custom && operation !== "same" && operation !== "read")
    .map(({ urn, operation }) => {
      const [type = "", name = ""] = urn.split("::").slice(-2);
      return `${operation} ${type.split("$").at(-1)} ${name}`;
    })
    .sort();
}
