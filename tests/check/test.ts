import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

/**
 * `./devflow test`: the checks, then every test of the default suite; `./devflow test e2e` runs the end-to-end suite,
 * `./devflow test <path>` some tests only. The last line counts them: `N passed, N failed`.
 */
const [first, ...rest] = process.argv.slice(2);
const suites: string[][] =
  first === undefined
    ? [["run"]]
    : first === "e2e"
      ? [["run", "--config", "tests/e2e/vitest.config.ts", ...rest]]
      : first === "all"
        ? [["run"], ["run", "--config", "tests/e2e/vitest.config.ts"]]
        : [["run", first, ...rest]];

let passed = 0;
let failed = 0;
if (first === undefined || first === "all") count(node("tests/check/check.ts").status === 0);
// Programs first: on a bare machine some have to be compiled, for which no test should wait.
node("installer/artifacts/obtain.ts", "postgres", "caddy", "seaweedfs", "gitea", "prometheus");
for (const suite of suites) vitest(suite);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function vitest(args: string[]): void {
  const report = `${process.env.TMPDIR ?? "/tmp"}/devflow-test-${process.pid}-${passed}.json`;
  const { status } = node(
    "node_modules/vitest/vitest.mjs",
    ...args,
    "--reporter=default",
    "--reporter=json",
    "--reporter=./tests/check/retried.ts",
    `--outputFile.json=${report}`,
  );
  const counts = readCounts(report);
  passed += counts.passed;
  failed += counts.failed;
  // With a name to look for the others are left out on purpose.
  if (!args.includes("-t")) for (const name of counts.skipped) console.log(`SKIPPED ${name}`);
  // A suite that could not even be loaded counts as one that failed.
  if (status !== 0 && counts.failed === 0) failed += 1;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

/** What did not run because of what this machine lacks is named: a test that nobody runs shows nothing. */
function readCounts(report: string): { passed: number; failed: number; skipped: string[] } {
  try {
    const { numPassedTests: passed, numFailedTests: failed, testResults } = JSON.parse(readAndRemove(report)) as Report;
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const skipped = all.filter(({ status }) => !["passed", "failed"].includes(status)).map(({ fullName }) => fullName);
    return { passed, failed, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}

function readAndRemove(file: string): string {
  const text = readFileSync(file, "utf8");
  rmSync(file);
  return text;
}

function count(good: boolean): void {
  if (good) passed += 1;
  else failed += 1;
}

function node(...args: string[]) {
  // In a whole suite, and not for files by their names, the longest are left to the end-to-end suite (tests/whole.ts).
  const env = { ...process.env, ...(first === undefined || first === "all" ? { DEVFLOW_SUITE: "default" } : {}) };
  return spawnSync(process.execPath, args, { stdio: "inherit", env });
}
