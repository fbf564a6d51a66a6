import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";

const Usd = Type.Number({ minimum: 0 });
const Strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

/** configs/prices/aws.yaml: what AWS asks for, in USD, in one region on one day. */
export const Prices = Strict({
  date: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }),
  source: Type.String({ minLength: 1 }),
  region: Type.String(),
  /** Of a month. */
  hours: Type.Number({ minimum: 672, maximum: 744 }),
  /** A region's prices as a multiple. */
  regions: Type.Record(Type.String(), Type.Number({ exclusiveMinimum: 0 })),
  /** What spare capacity is taken to cost, as a share of the list price. */
  spotShare: Type.Number({ minimum: 0, maximum: 1 }),
  hourly: Strict({
    instances: Type.Record(Type.String(), Usd),
    databases: Type.Record(Type.String(), Usd),
    cluster: Usd,
    natGateway: Usd,
    endpoint: Usd,
    loadBalancer: Usd,
    loadBalancerUnit: Usd,
    publicAddress: Usd,
  }),
  monthly: Strict({
    disk: Usd,
    databaseDisk: Usd,
    objects: Usd,
    diskBackup: Usd,
    key: Usd,
    secret: Usd,
    webAcl: Usd,
    webRule: Usd,
    alarm: Usd,
  }),
  use: Strict({
    ...{ natTraffic: Usd, endpointTraffic: Usd, trafficOut: Usd, logs: Usd, webRequests: Usd },
    /** GB a month of a stack that people use, at least and at most. */
    logsTypically: Type.Tuple([Type.Number({ minimum: 0 }), Type.Number({ minimum: 0 })]),
  }),
});
export type Prices = Static<typeof Prices>;

/** The table of this checkout, read once. One that is wrong is a bug of the checkout, so it throws plainly. */
export function awsPrices(): Prices {
  if (loaded) return loaded;
  const file = new URL("../../configs/prices/aws.yaml", import.meta.url);
  const table: unknown = parse(readFileSync(file, "utf8"));
  const [wrong] = Value.Errors(Prices, table);
  if (wrong) throw new Error(`${file.pathname}: ${wrong.instancePath} ${wrong.message}`);
  loaded = table as Prices;
  return loaded;
}

let loaded: Prices | undefined;
