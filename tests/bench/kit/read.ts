/**
 * An authenticated read of a tenant's row through the kit, against a bare Fastify route with the same query on the same
 * pool: `node tests/bench/kit/read.ts`. Rounds of both alternate, so that what else the machine does meets both alike.
 */
import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import autocannon from "autocannon";
import Fastify from "fastify";
import { Type } from "typebox";
import type { Database, Service } from "../../../glue-services/kit/index.ts";
import { cpuSeconds } from "./cpu.ts";
import { percentile, table, withPlatform } from "./platform.ts";

const rounds = 6;
const seconds = 4;
const connections = 32;

const Item = Type.Object({ id: Type.String(), text: Type.String() });
type Item = Type.Static<typeof Item>;
const query = { name: "bench.item", text: "select id, text from item where id = $1" };
const openQuery = { name: "bench.open", text: "select id, text from open_item where id = $1" };

let database: Database;
const bench: Service = {
  name: "bench",
  migrations: new URL("read-migrations/", import.meta.url),
  register(app) {
    database = app.database;
    const options = {
      auth: { scope: "items:read" },
      schema: { params: Type.Pick(Item, ["id"]), response: { 200: Item } },
    };
    app.get("/items/:id", options, async ({ identity, params }) => {
      const { rows } = await app.database.query<Item>(identity, { ...query, values: [params.id] });
      return rows[0] as Item;
    });
    app.get("/transaction/:id", options, ({ identity, params }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Item>({ ...query, values: [params.id] });
        return rows[0] as Item;
      }),
    );
  },
};

await withPlatform([bench], async ({ app, who, server }) => {
  const bare = Fastify();
  bare.get<{ Params: { id: string } }>("/items/:id", { schema: { response: { 200: Item } } }, async ({ params }) => {
    const { rows } = await shared.query({ ...openQuery, values: [params.id] });
    return rows[0];
  });
  const kitAddress = await app.listen({ port: 0, host: "127.0.0.1" });
  const bareAddress = await bare.listen({ port: 0, host: "127.0.0.1" });
  const id = await seed();
  const shared = database.pool;

  const ways = [
    { name: "bare Fastify route", url: `${bareAddress}/items/${id.open}`, rates: [] as number[], cpu: [] as number[] },
    { name: "kit: authenticated, tenant-scoped", url: `${kitAddress}/items/${id.own}`, rates: [], cpu: [] },
    { name: "the same in a transaction of its own", url: `${kitAddress}/transaction/${id.own}`, rates: [], cpu: [] },
  ];
  for (let round = 0; round <= rounds; round++) {
    for (const way of ways) {
      const before = cpuSeconds(server.process.pid as number);
      const run = await autocannon({
        url: way.url,
        connections,
        duration: seconds,
        headers: { authorization: "Bearer bench" },
      });
      if (run.non2xx + run.errors > 0) throw new Error(`${way.name}: ${run.non2xx} refused, ${run.errors} errors`);
      const after = cpuSeconds(server.process.pid as number);
      // The first round warms up.
      if (round === 0) continue;
      way.rates.push(run.requests.average);
      way.cpu.push(((after.host - before.host + after.server - before.server) / run.requests.total) * 1e6);
    }
  }
  await bare.close();

  const bareRates = ways[0]?.rates ?? [];
  const rows = ways.map(({ name, rates, cpu }) => [
    name,
    Math.round(percentile(rates, 0.5)),
    percentile(
      rates.map((rate, at) => rate / (bareRates[at] as number)),
      0.5,
    ).toFixed(2),
    Math.round(percentile(cpu, 0.5)),
  ]);
  console.log(table(["route", "requests/s", "of bare", "CPU µs/request, load client and PostgreSQL included"], rows));
  console.log(`\nmedian of ${rounds} rounds; load average ${loadavg()[0]?.toFixed(1)}`);

  /** A row of the tenant for the kit, and one of nobody for the bare route, which knows no tenants. */
  async function seed(): Promise<{ own: string; open: string }> {
    const [own, open] = [randomUUID(), randomUUID()];
    await database.withTenant(who, async (tx) => {
      await tx.query("insert into item (id, text) values ($1, 'text')", [own]);
      await tx.query("insert into open_item (id, text) values ($1, 'text')", [open]);
    });
    return { own, open };
  }
});
