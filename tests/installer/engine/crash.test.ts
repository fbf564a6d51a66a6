import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bench, bench, summary } from "./bench.ts";
import { runScenario, type ScenarioName, scenarios } from "./crash-scenarios.ts";
import { calls, things } from "./thing.ts";
import { program } from "./twenty.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "devflow-crash-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

for (const [name, { mode, version }] of Object.entries(scenarios)) {
  test(`killed at every boundary while ${name}, a second run converges`, { timeout: 600_000 }, async () => {
    const { template, boundaries, expected, earlier } = await prepare(name as ScenarioName);
    expect(boundaries.length).toBeGreaterThan(expected.effects.length * 3 - 1);
    await killedAtEach(name as ScenarioName, template, [...boundaries.keys()], async (b, index) => {
      const where = `killed at ${boundaries[index]} (${index + 1})`;
      await converged(b, where, mode, version, expected.things);
      const effectsOfBoth = effects(b).slice(earlier);
      expect({ where, missing: without(expected.effects, effectsOfBoth) }).toEqual({ where, missing: [] });
      // Only the one effect that was under way may have been repeated.
      const repeated = without(effectsOfBoth, expected.effects);
      expect({ where, repeated: repeated.slice(1) }).toEqual({ where, repeated: [] });
    });
    console.info(`killed ${boundaries.length} times while ${name}`);
  });
}

test("killed while it changes twenty resources, a run that goes back, or destroys, leaves nothing behind", {
  timeout: 600_000,
}, async () => {
  const name = "updating, replacing in both orders, deleting and creating";
  const { template, boundaries } = await prepare(name);
  const before = things(join(template, "things"));
  const some = [...boundaries.keys()].filter((index) => index % 4 === 1);
  await killedAtEach(name, template, some, async (b, index) => {
    const where = `killed at ${boundaries[index]} (${index + 1})`;
    if (index % 8 === 1) await converged(b, where, "up", 1, before);
    else await converged(b, where, "destroy", 1, []);
  });
});

/** A stack as it is before the scenario, and what the scenario does when nothing kills it. */
async function prepare(name: ScenarioName) {
  const { before, mode, version } = scenarios[name];
  const template = mkdtempSync(join(root, `${mode}-${version}-`));
  const b = bench(template);
  if (before !== undefined) await b.up(program(before));
  const earlier = effects(b).length;
  const boundaries: string[] = [];
  const done = await runScenario(copy(template), name, (at) => boundaries.push(at));
  const expected = { things: things(done.things), effects: effects(done).slice(earlier) };
  return { template, boundaries, expected, earlier };
}

/** Children are killed two at a time; what they leave is taken up one after the other, in this process. */
async function killedAtEach(
  name: ScenarioName,
  template: string,
  indices: number[],
  takeUp: (b: Bench, index: number) => Promise<void>,
): Promise<void> {
  let turn: Promise<void> = Promise.resolve();
  const left = indices.values();
  const worker = async () => {
    for (const index of left) {
      const folder = copy(template);
      await killedAt(folder, name, index + 1);
      turn = turn.then(() => takeUp(bench(folder), index));
      await turn;
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await Promise.all([worker(), worker()]);
}

async function converged(b: Bench, where: string, mode: "up" | "destroy", version: 1 | 2, expected: string[]) {
  await b.load();
  const { failed } = await b.run(mode, program(version));
  const { pending, superseded } = await b.load();
  const left = { pending: [...pending.keys()], superseded: superseded.map(({ urn }) => urn) };
  expect({ where, failed, things: things(b.things), ...left }).toEqual({
    ...{ where, failed: [], things: expected },
    ...{ pending: [], superseded: [] },
  });
  const plan =
    mode === "up" ? await b.preview(program(version)) : await b.run(mode, program(version), { dryRun: true });
  expect({ where, next: summary(plan) }).toEqual({ where, next: [] });
}

function copy(template: string): string {
  const folder = mkdtempSync(join(root, "at-"));
  cpSync(template, folder, { recursive: true });
  return folder;
}

async function killedAt(folder: string, scenario: string, number: number): Promise<void> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, "compile-cache") };
  const args = [join(import.meta.dirname, "crash-child.ts"), folder, scenario, String(number)];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  const signal = await new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
  expect({ number, signal }).toEqual({ number, signal: "SIGKILL" });
}

/** Effects that were called, without whether they found something there. */
function effects(b: Bench): string[] {
  return calls(b.things).map((line) => line.split(" ").slice(0, 2).join(" "));
}

/** What is in the one list more often than in the other. */
function without(list: string[], other: string[]): string[] {
  const left = [...other];
  return list.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
