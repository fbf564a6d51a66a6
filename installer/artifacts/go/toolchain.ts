import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Reporting } from "../../../components/provider/host.ts";
import { obtain } from "../obtaining.ts";
import type { Run } from "../run.ts";

export interface Toolchain {
  /** The `go` program. */
  program: string;
  /** As it names itself: go1.27.3. */
  version: string;
  /** GOPROXY as the person has set it, or Go's own default. */
  proxy: string;
}

/** An installed Go that satisfies the wrapper's `go` line. */
export async function findGo(run: Run, wrapper: string): Promise<Toolchain | undefined> {
  const wanted = await goLine(run, wrapper);
  for (const program of ["go", "/usr/local/go/bin/go"]) {
    const found = await ask(program);
    if (found && compareVersions(found.version.replace(/^go/, ""), wanted) >= 0) return found;
  }
  return undefined;
}

/** An installed Go that is new enough, else the catalogue's. */
export async function ensureGo(wrapper: string, run: Run, reporting: Reporting): Promise<Toolchain> {
  const installed = await findGo(run, wrapper);
  if (installed) return installed;
  const wanted = run.upstream("go");
  const { path } = await obtain(wanted, run, reporting);
  const program = join(path, "bin", "go");
  const fetched = await ask(program);
  if (!fetched) throw new Error(`${program} does not run`);
  return fetched;
}

async function ask(program: string): Promise<Toolchain | undefined> {
  try {
    // `local`: an older Go shall say its own version, not download the one that go.mod asks for.
    const env = { ...process.env, GOTOOLCHAIN: "local" };
    const { stdout } = await promisify(execFile)(program, ["env", "-json", "GOVERSION", "GOPROXY"], {
      env,
      timeout: 10_000,
    });
    const { GOVERSION = "", GOPROXY = "" } = JSON.parse(stdout) as Record<string, string>;
    return { program, version: GOVERSION, proxy: GOPROXY };
  } catch {
    return undefined;
  }
}

async function goLine(run: Run, wrapper: string): Promise<string> {
  const mod = await readFile(join(run.catalogue, wrapper, "go.mod"), "utf8");
  return /^go ([0-9.]+)/m.exec(mod)?.[1] ?? "1.0";
}

/** Compares dotted numbers; what follows them (rc1) does not count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (/^[0-9.]*/.exec(version)?.[0] ?? "").split(".").map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
