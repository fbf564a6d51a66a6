import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stackPaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import type { Check, CheckInput, Finding } from "../../../installer/preflight/check.ts";
import type { Facts } from "../../../installer/preflight/facts.ts";
import { machineFacts } from "../../../installer/preflight/machine/index.ts";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Changes {
  folder: string;
  domain?: string;
  port?: number;
  bind?: string;
  tls?: "auto" | "internal" | "off";
  offline?: string;
  code?: boolean;
  memory?: number;
  disk?: { cache: number; data: number };
  ports?: { component: string; port: number }[];
  owned?: CheckInput["owned"];
}

/** The input of a stack whose folders are below `folder`; needs nothing unless told. */
export function inputFor(changes: Changes, facts: Partial<Facts> = {}): CheckInput {
  const home = { home: join(changes.folder, "home"), cache: join(changes.folder, "cache") };
  const { domain = "localhost", port = 4400, bind = "127.0.0.1", tls = "auto", offline } = changes;
  const settings = {
    stack: { name: "local", kind: "local" },
    profile: "standard",
    components: { code: changes.code ?? false },
    network: { domain, port, bind, tls },
    artifacts: { mirrors: {}, official: false, ...(offline === undefined ? {} : { offline }) },
  };
  return {
    // The checks read these sections only.
    settings: settings as unknown as CheckInput["settings"],
    home,
    paths: stackPaths(home.home, "local"),
    root,
    platform: currentPlatform(),
    needs: { memory: changes.memory ?? 1, disk: changes.disk ?? { cache: 0, data: 0 }, ports: changes.ports ?? [] },
    owned: changes.owned ?? { ports: [], pids: [] },
    facts: machineFacts(facts),
  };
}

/** Runs a check as a preflight would, in this process. */
export function run(check: Check, changes: Changes, facts: Partial<Facts> = {}): Promise<Finding> {
  return check.run(inputFor(changes, facts), AbortSignal.timeout(10_000));
}

/**
 * Runs a check in a process of its own below `wrap` (`unshare … sh -c …`, `setpriv …`), which sets the condition that
 * the check must notice. `wrap` ends where the program's own command line begins.
 */
export async function runBelow(wrap: string[], check: string, changes: Changes): Promise<Finding> {
  const answer = await runScriptBelow(wrap, new URL("probe.ts", import.meta.url), check, JSON.stringify(changes));
  return JSON.parse(answer) as Finding;
}

/** The same for any script that prints JSON. */
export async function runScriptBelow(wrap: string[], script: URL, ...rest: string[]): Promise<string> {
  const [program = "", ...args] = [...wrap, process.execPath, fileURLToPath(script), ...rest];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  await new Promise((resolve) => child.on("close", resolve));
  if (!/^[{[]/.test(stdout)) throw new Error(`the script did not answer: ${stderr}`);
  return stdout;
}

/** A command line that runs what follows it in a mount namespace after a shell line; needs no root. */
export function afterMount(line: string): string[] {
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  return ["unshare", ...user, "--mount", "sh", "-c", `${line} && exec "$@"`, "sh"];
}

export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "devflow-test-"));
  await mkdir(join(path, "home"));
  await mkdir(join(path, "cache"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A port that is held, by this process, until disposed. */
export async function heldPort(host = "127.0.0.1", wanted = 0): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, host, resolve);
  });
  const { port } = server.address() as { port: number };
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}
