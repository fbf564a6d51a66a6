import type { Pool } from "pg";
import type { App } from "../kit/index.ts";

/** What people may do now, for services that keep something which acts by a person's right. */
export interface Standings {
  /**
   * Permissions of a person in an organisation by something they made at `made`; undefined when they are disabled, do not
   * belong to it, or left since and came back.
   */
  of(organisation: string, person: string, made: Date): Promise<readonly string[] | undefined>;
  /** Calls the listener whenever an answer may have changed, on any host. */
  onChange(listener: () => void): void;
}

const known = new WeakMap<object, Standings>();

/** Undefined on a host without an identity service. Ask when a request comes: services register one after the other. */
export function findStandings(app: App): Standings | undefined {
  return known.get(app.server);
}

/** @returns the function that tells the listeners of a change */
export function provideStandings(app: App, pool: Pool): () => void {
  const listeners = new Set<() => void>();
  known.set(app.server, {
    async of(organisation, person, made) {
      const { rows } = await pool.query<{ permissions: string[] | null }>({
        name: "identity.permissions-now",
        text: "select identity.permissions_now($1, $2, $3) as permissions",
        values: [organisation, person, made],
      });
      return rows[0]?.permissions ?? undefined;
    },
    onChange: (listener) => void listeners.add(listener),
  });
  return () => {
    for (const listener of listeners) listener();
  };
}
