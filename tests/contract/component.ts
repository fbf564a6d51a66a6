import { rm } from "node:fs/promises";
import type { ComponentResource, Output } from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Recipes, type Target, targets } from "../../components/component.ts";
import { providers } from "../../components/provider/index.ts";
import type { Evaluation } from "../../installer/engine/index.ts";
import { openStore, type RunResult, runProgram } from "../../installer/engine/index.ts";
import { connect } from "../../installer/supervisor/client.ts";
import { type TestHost, testHost } from "../components/host.ts";
import { evaluateOn } from "./surroundings.ts";

export interface Case {
  recipes: Recipes<never, unknown>;
  /** Makes one, with whatever it stands on, and answers it. */
  make: () => ComponentResource & { outputs: object };
  /** Outputs that must have a value. */
  answers: string[];
}

/** What every component promises on every target: the same test for each pair. */
export function testComponent(name: string, { recipes, make, answers }: Case): void {
  for (const target of targets) {
    const recipe = recipes[target];
    if (typeof recipe === "function") {
      if (target === "local") supported(name, target, make, answers);
      else declared(name, target, make, answers);
    } else
      it(`${name} on ${target} says why it cannot be made`, async () => {
        expect(recipe.unsupported).toMatch(/\w{3,} \w{2,}/);
        const { run, dispose } = await engineOn(target);
        const { failed } = await run("preview", () => void make());
        expect(failed.map(({ error }) => error.message).join()).toContain(recipe.unsupported);
        await dispose();
      });
  }
}

/** Of targets whose engines are not on this machine it is seen what they would be asked for. */
function declared(name: string, target: Exclude<Target, "local">, make: Case["make"], answers: string[]): void {
  let evaluation: Evaluation;
  beforeAll(async () => {
    evaluation = await evaluateOn(target, () => {
      const { outputs } = make();
      return Object.fromEntries(
        answers.map((answer) => [answer, (outputs as Record<string, Output<unknown>>)[answer]]),
      );
    });
  });

  it(`${name} on ${target} answers ${answers.join(", ")} and owns what it declares`, () => {
    expect(evaluation.errors).toEqual([]);
    for (const answer of answers) expect(evaluation.outputs[answer], answer).toBeTruthy();
    const custom = evaluation.goals.filter((goal) => goal.custom);
    expect(custom.length).toBeGreaterThan(0);
    for (const { urn, parent } of custom) expect(parent, `parent of ${urn}`).toMatch(/devflow:(product|primitive):/);
  });

  it(`${name} on ${target} declares the same a second time`, async () => {
    const again = await evaluateOn(target, () => void make());
    const shape = ({ goals }: Evaluation) => goals.map(({ urn, inputs }) => ({ urn, inputs })).sort(byUrn);
    expect(shape(again)).toEqual(shape(evaluation));
  });
}

function byUrn(one: { urn: string }, other: { urn: string }): number {
  return one.urn < other.urn ? -1 : 1;
}

function supported(name: string, target: Target, make: Case["make"], answers: string[]): void {
  let engine: Awaited<ReturnType<typeof engineOn>>;
  let first: RunResult;
  const program = () => {
    const { outputs } = make();
    return Object.fromEntries(answers.map((answer) => [answer, (outputs as Record<string, Output<unknown>>)[answer]]));
  };
  beforeAll(async () => {
    engine = await engineOn(target);
    first = await engine.run("up", program);
  });
  afterAll(() => engine.dispose());

  it(`${name} on ${target} answers ${answers.join(", ")} and owns what it makes`, () => {
    expect(first.failed.map(({ error }) => error.message)).toEqual([]);
    for (const answer of answers) expect(first.outputs[answer], answer).toBeTruthy();
    const custom = first.steps.filter((step) => step.custom);
    expect(custom.length).toBeGreaterThan(0);
    for (const { urn, parent } of custom) expect(parent, `parent of ${urn}`).toMatch(/devflow:(product|primitive):/);
  });

  it(`${name} on ${target} is left as it is by a second run`, async () => {
    const again = await engine.run("up", program);
    const changes = again.steps.filter(({ custom, op }) => custom && op !== "same");
    expect(changes.map(({ op, urn, diff }) => ({ op, urn, diff }))).toEqual([]);
  });

  it(`${name} on ${target} leaves no process and no state when it is destroyed`, async () => {
    const destroyed = await engine.run("destroy", program);
    expect(destroyed.failed.map(({ error }) => error.message)).toEqual([]);
    const left = await engine.run("preview", () => {});
    expect(left.steps.filter(({ custom }) => custom)).toEqual([]);
    const supervisor = await connect(engine.host.paths);
    expect(supervisor ? (await supervisor.list()).map((process) => process.name) : []).toEqual([]);
  });
}

async function engineOn(target: Target) {
  const host: TestHost = await testHost();
  const store = openStore({ file: host.paths.state, keyFile: host.paths.key });
  return {
    host,
    run: (mode: "up" | "preview" | "destroy", program: () => unknown) =>
      runProgram({
        program: async () => program() as Record<string, unknown> | undefined,
        project: "devflow",
        stack: "test",
        config: { "devflow:target": target },
        providers,
        host,
        store,
        mode,
        signal: new AbortController().signal,
        onEvent: () => {},
      }),
    async dispose() {
      await (await connect(host.paths))?.stopAll();
      await host.dispose();
      await rm(host.paths.sockets, { recursive: true, force: true });
    },
  };
}
