import { queryOptions } from "@tanstack/react-query";
import type { PolicySettings, RouteGiven } from "../../../../../ai-gateway/schemas.ts";
import { call } from "../../api/call.ts";
import { zone } from "../../parts/day.ts";

export interface Provider {
  name: string;
  kind: string;
  baseUrl: string;
  key: string | null;
  free: boolean;
  from: "platform" | "organisation";
  state: ProviderState;
  said: string | null;
  checkedAt: string | null;
}
export type ProviderState = "answers" | "missing" | "refused" | "failing" | "unknown";
export const stateWords: Record<ProviderState, string> = {
  answers: "answers",
  missing: "key missing",
  refused: "key refused",
  failing: "does not answer",
  unknown: "not asked yet",
};
/** What came of asking a provider. */
export interface Checked {
  state: ProviderState;
  said: string | null;
  models: string[];
  /** What was asked, to see whether it is still what stands in the form. */
  asked?: string;
}
export interface Route extends RouteGiven {
  name: string;
  own: boolean;
}
export interface Model {
  id: string;
  owned_by: string;
  context_window: number | null;
  price: { input: number; output: number } | null;
}
export interface VirtualKey {
  id: string;
  name: string;
  start: string;
  models: string[];
  createdBy: string | null;
  personal: boolean;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}
export interface Budget {
  id: string;
  level: string;
  subject: string | null;
  model: string | null;
  unit: "money" | "tokens" | "requests";
  period: string;
  amount: number;
  spent: number;
}
export interface UsageSum {
  group: string | null;
  name: string | null;
  requests: number;
  failures: number;
  cached: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  /** Some of its calls are of models of which nobody knows the price. */
  unpriced: boolean;
}
export interface Called {
  id: string;
  at: string;
  asked: string;
  provider: string;
  model: string;
  surface: string;
  status: string;
  code: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  /** Not told by the live stream. */
  unpriced?: boolean;
  ms: number;
  streamed: boolean;
  key: string | null;
  person?: string | null;
  service: string | null;
}
export interface GuardThere {
  name: string;
  title: string;
  description: string;
}

const query = <Answer>(name: string) =>
  queryOptions({
    queryKey: ["ai", name],
    queryFn: ({ signal }) => call<Answer>(`/api/ai/${name}`, { signal }),
  });

export const providersQuery = query<Provider[]>("providers");
export const routesQuery = query<Route[]>("routes");
export const modelsQuery = query<{ data: Model[] }>("models");
export const virtualKeysQuery = query<VirtualKey[]>("keys");
export const budgetsQuery = query<Budget[]>("budgets");
export const callsQuery = query<Called[]>("calls");
export const policyQuery = query<PolicySettings>("policy");
export const guardsQuery = query<GuardThere[]>("guards");
export const usageQuery = (by: string, from: string, to: string) =>
  query<UsageSum[]>(`usage?${new URLSearchParams({ by, from, to, tz: zone })}`);

/** Dollars with as many digits as tell small sums apart. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  return `$${amount >= 1 ? amount.toLocaleString("en-US", { maximumFractionDigits: 2, minimumFractionDigits: 2 }) : Number(amount.toPrecision(2)).toFixed(Math.max(2, 1 - Math.floor(Math.log10(amount))))}`;
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** A question with its answer, as it was written down: what was secret or personal is cut out. */
export interface RecordedCall {
  id: string;
  at: string;
  key: string | null;
  person: string | null;
  service: string | null;
  surface: string;
  asked: string;
  provider: string;
  model: string;
  status: string;
  /** JSON of the request; cut off where it is very long. */
  question: string;
  answer: string;
}
