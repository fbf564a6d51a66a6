/**
 * Measures what a person waits for and what stays in memory, profile by profile, with programs that are in the cache:
 * `node tests/bench/up/up.ts [profile...]`. Prints the table of docs/measurements.md, section "Up".
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");
const profiles = process.argv.length > 2 ? process.argv.slice(2) : ["minimal", "standard", "full"];
const rounds = 5;

console.log(
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}; ${rounds} no-op runs, median\n`,
);
console.log(
  "| profile | cold `up --wait` | no-op `up` | of that processor | resident memory (PSS) | processes | `down` |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const profile of profiles) console.log(measure(profile));

function measure(profile: string): string {
  const home = mkdtempSync(join(tmpdir(), "devflow-bench-"));
  const run = (...args: string[]) => devflow(home, ...args);
  try {
    const setup = ["--set", `profile=${profile}`, "--set", "network.port=4700", "--yes"];
    const cold = timed(() => run("up", ...setup, "--wait"));
    const nothing = Array.from({ length: rounds }, () => {
      let processor = 0;
      const wall = timed(() => {
        processor = run("up", ...setup);
      });
      return { wall, processor };
    });
    const idle = median(nothing.map(({ wall }) => wall));
    // Time of the processor says on a busy machine what the clock says on an idle one.
    const processor = Math.min(...nothing.map(({ processor }) => processor));
    // The first seconds after a start are not what stays.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
    const { memory, processes } = resident(home);
    const down = timed(() => run("down"));
    return `| ${profile} | ${seconds(cold)} | ${seconds(idle)} | ${seconds(processor)} | ${Math.round(memory / 1024)} MiB | ${processes} | ${seconds(down)} |`;
  } finally {
    spawnSync(join(root, "devflow"), ["down"], { env: environment(home), cwd: home });
    rmSync(home, { recursive: true, force: true });
  }
}

/** @returns milliseconds of processor time, user and system, that it and the programs it waited for took. */
function devflow(home: string, ...args: string[]): number {
  const script = `"$@" >&2; code=$?; times; exit $code`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", join(root, "devflow"), ...args], {
    env: environment(home),
    cwd: home,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`devflow ${args.join(" ")} ended with ${status}:\n${stderr}`);
  const children = stdout.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + (Number(minutes) * 60 + Number(rest)) * 1000,
    0,
  );
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, DEVFLOW_HOME: home, CI: "true" };
}

/** KiB of proportional memory of every process that works for the stack: its supervisor and all below. */
function resident(home: string): { memory: number; processes: number } {
  const mine = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && belongs(pid, home));
  const memory = mine.map((pid) => pss(pid)).reduce((sum, value) => sum + value, 0);
  return { memory, processes: mine.length };
}

/** By environment and command line; PostgreSQL rewrites the latter, and keeps the former. */
function belongs(pid: string, home: string): boolean {
  const text = ["environ", "cmdline"]
    .map((file) => attempt(() => readFileSync(`/proc/${pid}/${file}`, "utf8")) ?? "")
    .join("\0");
  return text.includes(home) && pid !== String(process.pid);
}

function pss(pid: string): number {
  const text = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? "";
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function median(values: number[]): number {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
