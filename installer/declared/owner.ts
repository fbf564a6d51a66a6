import type { Goal } from "../engine/index.ts";

/** Gives the part of the platform that a resource belongs to: the innermost product around it. */
export function ownerOf(goals: Goal[]): (goal: Goal) => string {
  const byUrn = new Map(goals.map((goal) => [goal.urn, goal]));
  return (goal) => {
    for (let around: Goal | undefined = goal; around; around = around.parent ? byUrn.get(around.parent) : undefined) {
      const kind = /^devflow:product:(\w+)$/.exec(around.type)?.[1];
      if (kind?.startsWith("Aws")) return words[kind] ?? kind.slice(3).toLowerCase();
      if (kind !== undefined) return around.name;
    }
    return "stack";
  };
}

/** Parts of the account are all named after the stack, so their kind tells them apart. */
const words: Record<string, string> = { AwsAccount: "account", AwsEdge: "edge" };
