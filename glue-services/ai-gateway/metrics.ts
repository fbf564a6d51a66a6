import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Noted } from "./guard/guarding.ts";
import type { Breaker } from "./routing/breaker.ts";
import type { Spool } from "./usage/spool.ts";
import type { UsageRow } from "./usage/usage.ts";
import type { Records } from "./watch/records.ts";

export interface GatewayMetrics {
  /** Counts a call. @param own the provider is an organisation's own, so that it chooses the names */
  count(row: UsageRow, own: boolean): void;
  /** Counts what guardrails found. */
  guard(noted: readonly Noted[]): void;
}

const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Series of calls at most, and of those that failed. */
const most = { sums: 2000, failing: 1000 };

/** Models and providers only: keys and organisations are without number, and in the table of usage. */
export function measureGateway(
  registers: Registry,
  parts: { spool: Spool; breaker: Breaker; records: Records },
): GatewayMetrics {
  const labelNames = ["provider", "model", "status"];
  const registry = { registers: [registers] };
  const calls = new Counter({
    name: "ai_gateway_calls_total",
    help: "Calls of models.",
    labelNames,
    ...registry,
    // The first of them to be asked tells for all.
    collect: () => tell(),
  });
  const tokens = new Counter({
    name: "ai_gateway_tokens_total",
    help: "Tokens of calls, by direction.",
    labelNames: ["provider", "model", "direction"],
    ...registry,
  });
  const cost = new Counter({
    name: "ai_gateway_cost_dollars_total",
    help: "What calls cost.",
    labelNames: ["provider", "model"],
    ...registry,
  });
  const duration = new Histogram({
    name: "ai_gateway_call_duration_seconds",
    help: "From a request to the end of its answer.",
    labelNames: ["provider", "model"],
    buckets: seconds,
    ...registry,
  });
  new Gauge({
    name: "ai_gateway_spool_bytes",
    help: "Rows of usage that are not in the database yet.",
    ...registry,
    collect() {
      this.set(parts.spool.bytes);
    },
  });
  new Gauge({
    name: "ai_gateway_usage_set_aside",
    help: "Rows of usage that the database does not take; they are in set-aside.jsonl of the spool's folder.",
    ...registry,
    collect() {
      this.set(parts.spool.aside);
    },
  });
  new Gauge({
    name: "ai_gateway_breakers_open",
    help: "Models that are not tried for a while, because they failed.",
    ...registry,
    collect() {
      this.set(parts.breaker.open().length);
    },
  });
  const guarded = new Counter({
    name: "ai_gateway_guardrail_findings_total",
    help: "What guardrails found, by guardrail and what followed.",
    labelNames: ["guard", "action", "side"],
    ...registry,
  });
  new Gauge({
    name: "ai_gateway_audit_dropped",
    help: "Entries of the audit log that found no room while the database was away.",
    ...registry,
    collect() {
      this.set(parts.records.dropped);
    },
  });
  // Counted in plain numbers, and told to the registry when somebody asks: four counters a call would cost more.
  const sums = new Map<string, Sum>();
  let failing = 0;
  return {
    guard(noted) {
      for (const { guard, action, side } of noted) guarded.inc({ guard, action, side });
    },
    count({ provider, model, status, input, output, cost, ms }, own) {
      const [at, name] = own ? ["own", "own"] : [provider, model];
      const sum = sums.get(`${at} ${name} ${status}`) ?? sumFor(at, name, status);
      sum.calls++;
      sum.input += input;
      sum.output += output;
      sum.cost += cost;
      sum.duration.observe(ms / 1000);
    },
  };

  /** Anybody may ask for any name, and get nothing for it: beyond so many such names they count as one. */
  function sumFor(provider: string, named: string, status: string): Sum {
    const full = sums.size >= most.sums || (status === "failed" && failing >= most.failing);
    const model = full ? "other" : named;
    const id = `${provider} ${model} ${status}`;
    const known = sums.get(id);
    if (known) return known;
    if (status === "failed") failing++;
    const sum = {
      provider,
      model,
      status,
      calls: 0,
      input: 0,
      output: 0,
      cost: 0,
      duration: duration.labels(provider, model),
    };
    sums.set(id, sum);
    return sum;
  }

  function tell(): void {
    for (const sum of sums.values()) {
      const { provider, model, status } = sum;
      calls.inc({ provider, model, status }, sum.calls);
      tokens.inc({ provider, model, direction: "input" }, sum.input);
      tokens.inc({ provider, model, direction: "output" }, sum.output);
      cost.inc({ provider, model }, sum.cost / 1e9);
      Object.assign(sum, { calls: 0, input: 0, output: 0, cost: 0 });
    }
  }
}

interface Sum extends Record<"calls" | "input" | "output" | "cost", number> {
  provider: string;
  model: string;
  status: string;
  duration: Histogram.Internal<string>;
}
