import type { App } from "../../kit/index.ts";
import type { Caller } from "../callers.ts";
import type { UsageRow } from "../usage/usage.ts";

/** Topic of the calls as they end; whoever may read usage hears those of the organisation. */
export const trafficTopic = "ai.calls";

/** Milliseconds between two messages, and calls in one: thousands a second would be of no use to a person. */
const pace = { every: 250, calls: 40 };

interface Batch {
  calls: object[];
  /** Calls that were not told of, and the sums over all. */
  more: number;
  requests: number;
  failures: number;
  tokens: number;
  cost: number;
}

/** Tells live pages of calls, a few times a second. */
export function openTraffic(app: App): (row: UsageRow, caller: Caller) => void {
  app.live.topic(trafficTopic, {
    authorise: ({ scopes }) => scopes.includes("*") || scopes.includes("ai:read"),
  });
  const batches = new Map<string, Batch>();
  const timer = setInterval(() => {
    for (const [organisation, batch] of batches) app.live.publish(trafficTopic, batch, { organisation });
    batches.clear();
  }, pace.every);
  timer.unref();
  app.addHook("preClose", async () => clearInterval(timer));

  return (row, { organisation }) => {
    let batch = batches.get(organisation);
    if (!batch) {
      batch = { calls: [], more: 0, requests: 0, failures: 0, tokens: 0, cost: 0 };
      batches.set(organisation, batch);
    }
    batch.requests++;
    if (row.status === "failed" || row.status === "cut") batch.failures++;
    batch.tokens += row.input + row.output;
    batch.cost += row.cost / 1e9;
    if (batch.calls.length < pace.calls) batch.calls.push(shown(row));
    else batch.more++;
  };
}

/** As `/api/ai/calls` shows them. */
function shown(row: UsageRow): object {
  const { id, at, asked, provider, model, surface, status, code, ms, streamed, key = null, service = null } = row;
  const counts = { inputTokens: row.input, outputTokens: row.output, cost: row.cost / 1e9 };
  return { id, at, asked, provider, model, surface, status, code, ...counts, ms, streamed, key, service };
}
