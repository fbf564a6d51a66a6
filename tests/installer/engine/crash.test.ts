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
afterAll(() => rmSync(root, { recursive: true, force: true }));

for (const [name, { before, mode, version }] of Object.entries(scenarios)) {
  test(`killed at every boundary while ${name}, a second run converges`, { timeout: 600_000 }, async () => {
    const template = join(root, `${mode}-${version}`);
    if (before !== undefined) await bench(template).up(program(before));
    else cpSync(bench().folder, template, { recursive: true });
    const earlier = calls(join(template, "things")).length;
    const reference = copy(template, "reference");
    const boundaries: string[] = [];
    const done = await runScenario(reference, name as ScenarioName, (at) => boundaries.push(at));
    const expected = { things: things(done.things), effects: effects(done).slice(earlier) };
    expect(boundaries.length).toBeGreaterThan(expected.effects.length * 3 - 1);

    // Children are killed two at a time; what they leave is taken up one after the other, in this process.
    let turn: Promise<void> = Promise.resolve();
    const numbers = boundaries.keys();
    const worker = async () => {
      for (const index of numbers) {
        const folder = copy(template, `at-${index}`);
        await killedAt(folder, name, index + 1);
        turn = turn.then(() => converges(bench(folder), `killed at ${boundaries[index]} (${index + 1})`));
        await turn;
        rmSync(folder, { recursive: true, force: true });
      }
    };
    await Promise.all([worker(), worker()]);
    console.info(`killed ${boundaries.length} times while ${name}`);

    async function converges(b: Bench, where: string): Promise<void> {
      await b.load();
      const second = await b.run(mode, program(version));
      const effectsOfBoth = effects(b).slice(earlier);
      const state = await b.load();
      expect({
        where,
        failed: second.failed,
        things: things(b.things),
        missing: without(expected.effects, effectsOfBoth),
        pending: state.pending.size,
        superseded: state.superseded.length,
      }).toEqual({ where, failed: [], things: expected.things, missing: [], pending: 0, superseded: 0 });
      // Only the one effect that was under way may have been repeated.
      expect({ where, repeated: without(effectsOfBoth, expected.effects).length <= 1 }).toEqual({
        where,
        repeated: true,
      });
      expect({ where, third: summary(await b.run(mode, program(version))) }).toEqual({ where, third: [] });
    }
  });
}

function copy(template: string, name: string): string {
  const folder = join(root, `${name}-${Math.random().toString(36).slice(2)}`);
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
