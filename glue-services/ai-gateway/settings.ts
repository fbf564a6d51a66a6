import { type Database, type Remembered, remember } from "../kit/index.ts";
import { type Protection, protectionOf } from "./policy.ts";
import type { Period, PolicySettings, ProviderGiven, RouteGiven, Unit } from "./schemas.ts";

/** A budget in force. Amounts of money are nano-dollars. */
export interface Budget {
  id: string;
  level: "organisation" | "project" | "key" | "person";
  subject: string | null;
  model: string | null;
  unit: Unit;
  amount: number;
  period: Period;
}

export interface OwnPrice {
  model: string;
  since: string;
  input: number;
  output: number;
  cached: number | null;
}

/** All that an organisation set, as one answer of the database. */
export interface Settings {
  providers: readonly (ProviderGiven & { internal: boolean })[];
  routes: ReadonlyMap<string, RouteGiven>;
  prices: readonly OwnPrice[];
  budgets: readonly Budget[];
  /** Names of providers, the platform's too, whose key nobody has set. */
  keyless: ReadonlySet<string>;
  policy: PolicySettings;
  /** What the policy asks for; undefined: nothing. */
  protection: Protection | undefined;
}

interface Row {
  providers: (ProviderGiven & { internal: boolean })[] | null;
  routes: (RouteGiven & { name: string })[] | null;
  prices: OwnPrice[] | null;
  budgets: Budget[] | null;
  policy: PolicySettings | null;
}

/** Which of all providers an organisation has lack their key. */
export type FindKeyless = (
  organisation: string,
  own: readonly (ProviderGiven & { internal: boolean })[],
) => Promise<ReadonlySet<string>>;

export function settingsReader(database: Database, findKeyless: FindKeyless): Remembered<Settings | undefined> {
  return remember(async (organisation) => {
    const { rows } = await database.query<Row>(
      { organisation },
      {
        name: "ai.settings",
        text: `select
          (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', name, 'kind', kind, 'baseUrl', base_url,
            'key', secret, 'free', free, 'internal', internal)) order by name) from provider) as providers,
          (select jsonb_agg(jsonb_build_object('name', name, 'targets', targets, 'options', options)) from route) as routes,
          (select jsonb_agg(jsonb_build_object('model', model, 'since', since, 'input', input, 'output', output,
            'cached', cached) order by since desc) from price) as prices,
          (select jsonb_agg(jsonb_build_object('id', id, 'level', level, 'subject', subject, 'model', model,
            'unit', unit, 'amount', amount, 'period', period)) from budget) as budgets,
          (select settings from policy) as policy`,
      },
    );
    const row = rows[0];
    return {
      keyless: await findKeyless(organisation, row?.providers ?? []),
      providers: row?.providers ?? [],
      routes: new Map((row?.routes ?? []).map(({ name, ...route }) => [name, route])),
      prices: row?.prices ?? [],
      budgets: row?.budgets ?? [],
      policy: row?.policy ?? {},
      protection: protectionOf(row?.policy ?? {}),
    };
  });
}
