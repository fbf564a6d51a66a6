import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Breaker } from "./routing/breaker.ts";
import type { Spool } from "./usage/spool.ts";
import type { UsageRow } from "./usage/usage.ts";

export interface GatewayMetrics {
  /** Counts a call. */
  count(row: UsageRow): void;
}

const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Models and providers only: keys and organisations are without number, and in the table of usage. */
export function measureGateway(registers: Registry, parts: { spool: Spool; breaker: Breaker }): GatewayMetrics {
  const labelNames = ["provider", "model", "status"];
  const registry = { registers: [registers] };
  const calls = new Counter({ name: "ai_gateway_calls_total", help: "Calls of models.", labelNames, ...registry });
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
    name: "ai_gateway_breakers_open",
    help: "Models that are not tried for a while, because they failed.",
    ...registry,
    collect() {
      this.set(parts.breaker.open().length);
    },
  });
  // Looking series up by their labels costs more than counting.
  const series = new Map<string, (row: UsageRow) => void>();
  return {
    count(row) {
      const id = `${row.provider} ${row.model} ${row.status}`;
      let one = series.get(id);
      if (!one) {
        if (series.size > 2000) return;
        const { provider, model, status } = row;
        const parts = {
          calls: calls.labels(provider, model, status),
          input: tokens.labels(provider, model, "input"),
          output: tokens.labels(provider, model, "output"),
          cost: cost.labels(provider, model),
          duration: duration.labels(provider, model),
        };
        one = ({ input, output, cost: paid, ms }) => {
          parts.calls.inc();
          parts.input.inc(input);
          parts.output.inc(output);
          parts.cost.inc(paid / 1e9);
          parts.duration.observe(ms / 1000);
        };
        series.set(id, one);
      }
      one(row);
    },
  };
}
