import type { Database } from "../../kit/index.ts";
import type { Provider } from "./provider.ts";

export const healthStates = ["answers", "missing", "refused", "failing", "unknown"] as const;
export type HealthState = (typeof healthStates)[number];

/** How a provider is: what it said when it was asked last. */
export interface Health {
  /** missing: nobody set its key; refused: it did not take the key; unknown: nobody asked it for a week. */
  state: HealthState;
  /** In its own words, where it said something. */
  said: string | null;
}

export interface HealthShown extends Health {
  /** When it was asked; ISO 8601. */
  at: string | null;
}

export interface HealthBook {
  note(provider: Provider, organisation: string, health: Health): void;
  /** For each provider by its name. A provider or key that was changed since has not been asked yet. */
  of(providers: readonly Provider[], organisation: string): Promise<Map<string, HealthShown>>;
}

/** Providers of all organisations that are kept in memory; then it begins anew. */
const most = 10_000;

/** What this host heard itself, else what the last call of any host came to. */
export function openHealth(database: Database): HealthBook {
  const known = new Map<string, HealthShown>();
  return {
    note(provider, organisation, health) {
      if (known.size >= most) known.clear();
      const said = health.said === null ? null : health.said.slice(0, 300);
      known.set(idOf(provider, organisation), { ...health, said, at: new Date().toISOString() });
    },
    async of(providers, organisation) {
      const found = new Map<string, HealthShown>();
      for (const one of providers) {
        const heard = known.get(idOf(one, organisation));
        if (heard) found.set(one.name, heard);
      }
      if (found.size === providers.length) return found;
      const { rows } = await database.query<Row>(
        { organisation },
        {
          name: "ai.provider-health",
          text: `select distinct on (u.provider) u.provider, u.status, u.code, u.at from usage u
             left join provider p on p.name = u.provider
           where u.at > greatest(now() - interval '7 days', p.created_at) and u.status in ('ok', 'failed', 'cut')
             and u.code not in (400, 404, 413, 429)
           order by u.provider, u.at desc`,
        },
      );
      for (const row of rows) if (!found.has(row.provider)) found.set(row.provider, fromUsage(row));
      return found;
    },
  };
}

interface Row {
  provider: string;
  status: string;
  code: number;
  at: Date;
}

function fromUsage({ status, code, at }: Row): HealthShown {
  const refused = code === 401 || code === 403;
  const state = status === "ok" ? "answers" : refused ? "refused" : "failing";
  return { state, said: null, at: at.toISOString() };
}

function idOf({ name, base, key, organisation: owner }: Provider, organisation: string): string {
  return [organisation, owner, name, base.href, key].join(" ");
}
