import { beforeAll, describe, expect, it } from "vitest";
import { providers } from "../../components/provider/index.ts";
import { declared } from "../../installer/declared/declared.ts";
import { forcedBy } from "../../installer/engine/decide.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";

const everything = ["search", "graph", "runtime", "runner", "timescale", "observability", "errors", "cache", "mailpit"]
  .concat("embeddings", "uptime")
  .map((name) => `components.${name}=true`);

/**
 * A container bears its name, so the old one goes before the new one comes, and with it whatever could not stay if an
 * input of it changed: Pulumi's engine asks that of each input that comes from what goes.
 */
describe("a container of an appliance that is replaced", () => {
  let goals: Goal[];
  beforeAll(async () => {
    const evaluation = await declared(exampleSettings("onprem", everything));
    expect(evaluation.errors).toEqual([]);
    goals = evaluation.goals;
  });
  const containers = () => goals.filter(({ type }) => type === "docker:index/container:Container");

  it("takes no other one along, whichever it is", () => {
    expect(containers().length).toBeGreaterThan(20);
    const taken = containers().map(({ urn, name }) => [name, namesOf(goneWith(urn))]);
    expect(taken).toEqual(containers().map(({ name }) => [name, []]));
  });

  it("takes along what an input of it comes from: a look at what is known to", () => {
    const files = goals.find(({ type, name }) => type === "devflow:index:ContainerFiles" && name === "code");
    expect(namesOf(goneWith(files?.urn ?? ""))).toEqual(["code"]);
  });

  function namesOf(gone: Goal[]): string[] {
    return gone.filter(({ type }) => type === "docker:index/container:Container").map(({ name }) => name);
  }

  function goneWith(root: string): Goal[] {
    const roots = new Set([root]);
    for (let before = 0; before !== roots.size; ) {
      before = roots.size;
      for (const goal of goals) if (goal.custom && keysOf(goal, roots).length > 0) roots.add(goal.urn);
    }
    return goals.filter(({ urn }) => urn !== root && roots.has(urn));
  }

  function keysOf({ urn, type, custom, inputs, dependencies, propertyDependencies }: Goal, roots: ReadonlySet<string>) {
    // Of Docker's provider every input that we give is one that cannot be changed in place.
    const provider = providers[type] ?? { ...immutable, inputs: {} };
    return forcedBy({ urn, type, custom, inputs, outputs: {}, dependencies, propertyDependencies }, roots, provider);
  }
});

const immutable = { create: never, delete: never };

function never(): never {
  throw new Error("nothing is carried out here");
}
