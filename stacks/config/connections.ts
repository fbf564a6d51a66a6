import { runs } from "./profiles.ts";
import type { Settings } from "./schema.ts";

/** Most connections to the platform's PostgreSQL of programs that are told it, besides Git hosting, which has a setting. */
export const connectionsOf = {
  errors: 20,
  dashboards: 12,
  /** Of each database that the collector measures, one at a time; and of what watches over the server itself. */
  monitoring: 8,
  /** A backup, an operator, and a person with psql. */
  reserve: 5,
  /** What PostgreSQL keeps for superusers. */
  superusers: 3,
  /** The least that one process of the services works with: their own figure, which a test compares. */
  host: 25,
} as const;

type Known = Pick<Settings, "stack" | "components">;

/** Most connections of all programs but the services. @param code those of Git hosting */
export function othersOf(settings: Known, code: number): number {
  const { errors, dashboards, monitoring, reserve } = connectionsOf;
  return (
    (runs("code", settings) ? code : 0) +
    (runs("errors", settings) ? errors : 0) +
    (runs("observability", settings) ? dashboards + monitoring : 0) +
    reserve
  );
}

/** Connections that the server has to accept, so that everybody has what they need at the busiest. */
export function connectionsNeeded(settings: Known, code: number, hosts: number): number {
  return connectionsOf.superusers + othersOf(settings, code) + hosts * connectionsOf.host;
}
