/**
 * Measures how long the program of each kind of stack takes to say all that it wants, from a cold start of Node:
 * `node tests/bench/evaluate/evaluate.ts [kind...]`. Prints the table of docs/measurements.md, section "Evaluation".
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const kinds = process.argv.length > 2 ? process.argv.slice(2) : ["saas"];
const rounds = 7;
const child = join(import.meta.dirname, "once.ts");
const cache = mkdtempSync(join(tmpdir(), "devflow-bench-"));

console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, median of ${rounds}\n`);
console.log(
  "| kind | resources | evaluation | its processor time | with Node's start and imports | processor time of it all |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
try {
  for (const kind of kinds) {
    once(kind);
    const runs = Array.from({ length: rounds }, () => once(kind));
    const middle = (pick: (run: (typeof runs)[number]) => number) => {
      const sorted = runs.map(pick).sort((one, other) => one - other);
      return ((sorted[Math.floor(rounds / 2)] ?? 0) / 1000).toFixed(2);
    };
    const [first] = runs;
    console.log(
      `| ${kind} | ${first?.resources} | ${middle((run) => run.evaluation)} s | ${middle((run) => run.evaluating)} s | ${middle((run) => run.total)} s | ${middle((run) => run.cpu)} s |`,
    );
  }
} finally {
  rmSync(cache, { recursive: true, force: true });
}

interface Run {
  resources: number;
  /** Milliseconds. */
  evaluation: number;
  /** Of processors, while it evaluated. */
  evaluating: number;
  cpu: number;
  total: number;
}

/** With compiled code kept from run to run, as the program itself keeps it. */
function once(kind: string): Run {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, kind], {
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  if (status !== 0) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Omit<Run, "total">), total: performance.now() - started };
}
