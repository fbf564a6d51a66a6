import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { awsSize } from "../../../stacks/aws-sizes.ts";
import { nodesOf } from "../../../stacks/sizes.ts";
import { goalsOf, settingsOf, sumsOf, type Variant } from "../../bench/sizes/sums.ts";
import { rowOf, tableOf, variants } from "../../bench/sizes/table.ts";

const table = readFileSync(new URL("../../../docs/measurements.md", import.meta.url), "utf8");

/** Share of a node's memory that the system and the kubelet leave to pods. */
const allocatable = 0.93;

/** Cores and GiB of the machines that data is on. */
const machines: Record<string, { cores: number; memory: number }> = {
  "r7i.xlarge": { cores: 4, memory: 32 },
  "m7i.2xlarge": { cores: 8, memory: 32 },
  "m7i.4xlarge": { cores: 16, memory: 64 },
};

const named = variants.map((one): [string, Variant] => [
  `${one.kind} ${one.size}${one.ha ? " with ha" : ""}, ${one.every ? "every product" : "usual products"}`,
  one,
]);

describe.each(named)("H7: a stack of %s", (_, variant) => {
  it("asks for no more than its nodes have, and may take no more either; the table of measurements says how much", async () => {
    const row = await rowOf(variant);
    const [, , line = ""] = tableOf([row]).split("\n");
    expect(table).toContain(line);
    expect(row.connections.taken).toBeLessThanOrEqual(row.connections.accepted);
    if (variant.kind === "saas") {
      const { count, cores, memory } = nodesOf(variant);
      const spared = variant.ha ? count - 1 : count;
      expect(row.sums.requests.cpu).toBeLessThan(spared * cores * 1000 * 0.75);
      expect(row.sums.requests.memory).toBeLessThan(spared * memory * 1024 * 0.75);
      expect(row.sums.limits).toBeLessThan(count * memory * 1024 * allocatable);
      return;
    }
    // What keeps data is let onto nodes of its own only, where nobody else's limits may push it off.
    const { data } = awsSize(variant.size, variant.ha).nodes;
    const { cores, memory } = machines[data.instance] as { cores: number; memory: number };
    const onData = sumsOf(await goalsOf(settingsOf(variant)), ({ nodeSelector }) => nodeSelector !== undefined);
    expect(onData.requests.cpu).toBeLessThan(data.zones * cores * 1000 * 0.75);
    expect(onData.limits).toBeLessThan(data.zones * memory * 1024 * allocatable);
  });
});
