import type { Input } from "@pulumi/pulumi";
import type { DatabaseServer } from "../primitives/database/index.ts";

/** Where Prometheus asks a program for its measurements. */
export interface ScrapeTarget {
  /** `host:port` */
  address: string;
  /** @default "/metrics" */
  path?: string;
  /** Name that has the address of each of several, which are asked one by one. @default the one at `address` is asked */
  each?: string | undefined;
  /** Bearer token, where one is asked for. */
  token?: Input<string>;
}

/** What a product shows of itself to metrics and observability; each by the name people know it by. */
export interface Signals {
  metrics?: Record<string, ScrapeTarget>;
  /** PostgreSQL servers, which are measured from outside. */
  databases?: Record<string, DatabaseServer>;
  /** Addresses that are asked now and then, for programs that measure nothing themselves: `http://…` */
  probes?: Record<string, string>;
}

/** The signals of several products as one. */
export function joined(signals: (Signals | undefined)[]): Required<Signals> {
  const all = signals.filter((one) => one !== undefined);
  return {
    metrics: Object.assign({}, ...all.map(({ metrics }) => metrics)),
    databases: Object.assign({}, ...all.map(({ databases }) => databases)),
    probes: Object.assign({}, ...all.map(({ probes }) => probes)),
  };
}
