import type { Goal } from "../../installer/engine/index.ts";

/** What a program declares as a tree: a line a resource, children below their parent. */
export function tree(goals: Goal[]): string {
  const lines = (parent: string | undefined, indent: string): string[] =>
    goals
      .filter((goal) => goal.parent === parent)
      .map((goal) => ({ goal, key: `${goal.type} ${goal.name}` }))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
      .flatMap(({ goal, key }) => [`${indent}${key}${marks(goal)}`, ...lines(goal.urn, `${indent}  `)]);
  return `${lines(undefined, "").join("\n")}\n`;
}

function marks({ protect, retainOnDelete }: Goal): string {
  return `${protect ? " protected" : ""}${retainOnDelete ? " retained" : ""}`;
}
