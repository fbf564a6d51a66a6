import type { Check } from "../check.ts";

const oldest = 24;

export const node: Check = {
  name: "node",
  title: "Node",
  why: `DevFlow's own code needs Node ${oldest}; the launcher fetches it where the machine's is older.`,
  async run({ facts }) {
    const result = `Node ${facts.nodeVersion}`;
    if (Number.parseInt(facts.nodeVersion, 10) >= oldest) return { status: "ok", result };
    return { status: "fail", result, fix: "Start it with ./devflow, which brings the right Node." };
  },
};
