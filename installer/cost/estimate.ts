import { ownerOf } from "../declared/owner.ts";
import type { Goal } from "../engine/index.ts";
import { priced } from "./priced.ts";
import { awsPrices, type Prices } from "./prices.ts";

/** What one part of a stack costs a month, in USD. */
export interface CostLine {
  component: string;
  /** Fixed: it costs this whether it is used or not. */
  monthly: number;
  items: CostItem[];
}

export interface CostItem {
  /** How many of what. @example 2, "NAT gateway" */
  count: number;
  what: string;
  monthly: number;
}

/** What a stack will cost, told before anything of it exists. */
export interface Estimate {
  currency: "USD";
  region: string;
  /** Of the price table, and where it is from. */
  date: string;
  source: string;
  monthly: number;
  components: CostLine[];
  /** What depends on use and is not in the sum, each with its price. */
  byUse: string[];
  /** What the reader must know to trust the figure. */
  notes: string[];
}

/**
 * Adds up what the declared resources of AWS cost a month.
 * @returns undefined for a stack that has none, so costs nothing but the machine it is on
 */
export function estimate(goals: Goal[], region: string, prices: Prices = awsPrices()): Estimate | undefined {
  if (!goals.some(({ type }) => type.startsWith("aws:"))) return undefined;
  const factor = prices.regions[region];
  const owner = ownerOf(goals);
  const { items, unknown } = priced(goals, prices);
  const byOwner = Map.groupBy(items, ({ goal }) => owner(goal));
  const components = [...byOwner].map(([component, own]) => {
    const lines = summed(own.map((item) => ({ ...item, monthly: item.monthly * (factor ?? 1) })));
    return { component, monthly: total(lines), items: lines };
  });
  return {
    currency: "USD",
    region,
    date: prices.date,
    source: prices.source,
    monthly: total(components),
    components: components.sort((one, other) => other.monthly - one.monthly),
    byUse: [
      `traffic to the internet ${usd(prices.use.trafficOut)} a GB`,
      `through NAT gateways ${usd(prices.use.natTraffic)} a GB, through private endpoints ${usd(prices.use.endpointTraffic)}`,
      `objects ${usd(prices.monthly.objects)} a GB and month, copies of disks ${usd(prices.monthly.diskBackup)}`,
      `logs ${usd(prices.use.logs)} a GB, typically ${logsTypically(prices, factor)} a month; the firewall ${usd(prices.use.webRequests)} a million requests`,
    ],
    notes: [
      ...(factor === undefined
        ? [`The price table does not know ${region}: these are the prices of ${prices.region}.`]
        : factor !== 1
          ? [`Prices of ${prices.region} times ${factor}, since ${region} is that much dearer on the whole.`]
          : []),
      `Spare capacity is taken to cost ${Math.round(prices.spotShare * 100)} % of the list price; it varies by the hour.`,
      ...unknown.map((what) => `The price table does not know ${what}: it is not in the sum.`),
    ],
  };
}

/** What the logs of a stack that people use come to, from the least to the most, in this region. */
function logsTypically({ use }: Prices, factor = 1): string {
  return use.logsTypically.map((gigabytes) => usd(Math.round(gigabytes * use.logs * factor))).join(" to ");
}

/** Items of the same name together. */
function summed(items: CostItem[]): CostItem[] {
  return [...Map.groupBy(items, ({ what }) => what)].map(([what, same]) => ({
    count: same.reduce((sum, { count }) => sum + count, 0),
    what,
    monthly: total(same),
  }));
}

/** To the cent, so that the parts add up to what is shown as their sum. */
function total(items: { monthly: number }[]): number {
  return items.reduce((sum, { monthly }) => sum + Math.round(monthly * 100), 0) / 100;
}

function usd(amount: number): string {
  return `$${amount}`;
}
