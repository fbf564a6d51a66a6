import type { Edge } from "../../api/queries.ts";

export interface Node {
  name: string;
  x: number;
  y: number;
}

const size = { width: 128, height: 32 };
const gap = { x: 72, y: 16 };

/** Columns by how far each is from what needs nothing; a circle, which there should not be, ends after a few rounds. */
export function layout(edges: readonly Edge[]): { nodes: Node[]; width: number; height: number; size: typeof size } {
  const names = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort();
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round++) {
    for (const { from, to } of edges) {
      depth.set(from, Math.min(names.length, Math.max(depth.get(from) ?? 0, (depth.get(to) ?? 0) + 1)));
    }
  }
  const columns = [...new Set(depth.values())].sort((a, b) => b - a);
  const tallest = Math.max(...columns.map((one) => names.filter((name) => depth.get(name) === one).length));
  const height = tallest * (size.height + gap.y) - gap.y;
  const nodes = columns.flatMap((column, x) => {
    const members = names.filter((name) => depth.get(name) === column);
    const own = members.length * (size.height + gap.y) - gap.y;
    return members.map((name, y) => ({
      name,
      x: 1 + x * (size.width + gap.x),
      y: 1 + (height - own) / 2 + y * (size.height + gap.y),
    }));
  });
  return { nodes, width: columns.length * (size.width + gap.x) - gap.x + 2, height: height + 2, size };
}
