import { onStdout } from "../terminal/io.ts";
import { table } from "../terminal/table.ts";
import { apiOf, count, dollars, type Input } from "./input.ts";

export interface UsageSum {
  group: string | null;
  name: string | null;
  requests: number;
  failures: number;
  cached: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
}

export async function showUsage(input: Input): Promise<UsageSum[]> {
  const { io, options } = input;
  const query = new URLSearchParams({
    by: options.by ?? "day",
    ...(options.from && { from: options.from }),
    ...(options.to && { to: options.to }),
  });
  const sums = await (await apiOf(input)).call<UsageSum[]>("GET", `/api/ai/usage?${query}`);
  if (io.json) return sums;
  if (sums.length === 0) io.err("Nothing was used in these days.\n");
  if (sums.length === 0) return sums;
  const total = sums.reduce(add, { ...zero, group: "all" });
  const right = "right" as const;
  const lines = table(onStdout(io), sums.length > 1 ? [...sums, total] : sums, [
    { title: (options.by ?? "day").toUpperCase(), value: ({ group, name }) => name ?? group ?? "none" },
    { title: "REQUESTS", value: ({ requests }) => count(requests), align: right },
    { title: "FAILED", value: ({ failures }) => (failures ? count(failures) : ""), align: right },
    { title: "CACHED", value: ({ cached }) => (cached ? count(cached) : ""), align: right },
    { title: "TOKENS IN", value: ({ inputTokens }) => count(inputTokens), align: right },
    { title: "OUT", value: ({ outputTokens }) => count(outputTokens), align: right },
    { title: "COST", value: ({ cost }) => dollars(cost), align: right },
  ]);
  io.out(`${lines.join("\n")}\n`);
  return sums;
}

const zero: UsageSum = {
  group: null,
  name: null,
  requests: 0,
  failures: 0,
  cached: 0,
  inputTokens: 0,
  outputTokens: 0,
  cost: 0,
};

function add(sum: UsageSum, one: UsageSum): UsageSum {
  return {
    ...sum,
    requests: sum.requests + one.requests,
    failures: sum.failures + one.failures,
    cached: sum.cached + one.cached,
    inputTokens: sum.inputTokens + one.inputTokens,
    outputTokens: sum.outputTokens + one.outputTokens,
    cost: sum.cost + one.cost,
  };
}
