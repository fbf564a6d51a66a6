import { serverConnections } from "../components/platform/postgres/kubernetes/pooler.ts";
import { othersOf } from "./config/connections.ts";
import type { Settings } from "./config/index.ts";
import { scaleOf } from "./sizes.ts";

/** How the connections that the platform's PostgreSQL accepts are shared out. */
export interface Shares {
  /** Most processes of the services that are up at a time. */
  hosts: number;
  /** Most that all other programs take, each held to its part by its own pool or by a limit of its database. */
  others: number;
}

export function sharesOf(settings: Settings): Shares {
  const { stack, sizing, kubernetes } = settings;
  const { maxConnections } = sizing.postgres;
  if (stack.kind !== "saas" && stack.kind !== "dedicated") {
    return { hosts: 1, others: othersOf(settings, sizing.code.maxConnections) };
  }
  const { services, postgres } = scaleOf(kubernetes);
  // Git hosting goes by the poolers where there are any.
  const pooled = postgres.poolers * serverConnections(maxConnections, postgres.poolers);
  const code = stack.kind === "saas" ? pooled : sizing.code.maxConnections;
  // A rolling update has one more than the most.
  return { hosts: services.most + 1, others: othersOf(settings, code) };
}
