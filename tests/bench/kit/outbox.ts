/**
 * Events through the outbox: `node tests/bench/kit/outbox.ts`. Each is written with a row in a transaction of its own and
 * handled by a subscriber that writes a row; PostgreSQL flushes every commit to disk. Latency is from the commit of the
 * event to the commit of its effect.
 */
import { availableParallelism, loadavg } from "node:os";
import { Type } from "typebox";
import { type Database, emit, type Service, subscription } from "../../../glue-services/kit/index.ts";
import { cpuSeconds } from "./cpu.ts";
import { percentile, table, withPlatform } from "./platform.ts";

const seconds = 8;
const keys = 200;

let database: Database;
/** Number of an event to when it was committed, and to when its effect was. */
const committed = new Map<number, number>();
const taken = new Map<number, number>();
let next = 0;

const bench: Service = {
  name: "bench",
  migrations: new URL("outbox-migrations/", import.meta.url),
  subscriptions: [
    subscription({
      name: "bench.effect",
      topic: "bench.written",
      payload: Type.Object({ n: Type.Integer() }),
      async handle({ id, payload }, tx) {
        tx.commit.after(() => taken.set(payload.n, performance.now()));
        await tx.query({ name: "effect", text: "insert into effect (event_id) values ($1)", values: [id.toString()] });
      },
    }),
  ],
  register(app) {
    database = app.database;
  },
};

await withPlatform([bench], async ({ app, who, server }) => {
  await app.ready();

  /** One transaction with `group` rows and their events. */
  async function write(group: number): Promise<void> {
    const numbers = Array.from({ length: group }, () => next++);
    await database.withTenant(who, async (tx) => {
      const inserted = numbers.map((n) =>
        tx.query({ name: "written", text: "insert into written (text) values ($1)", values: [String(n)] }),
      );
      for (const n of numbers) emit(tx, { topic: "bench.written", key: String(n % keys), payload: { n } });
      await Promise.all(inserted);
    });
    const now = performance.now();
    for (const n of numbers) committed.set(n, now);
  }

  async function drained(): Promise<void> {
    while (taken.size < committed.size) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async function run(name: string, rate: number, group = 1): Promise<(string | number)[]> {
    committed.clear();
    taken.clear();
    const before = cpuSeconds(server.process.pid as number);
    const begun = performance.now();
    let started = 0;
    const loop = async () => {
      while (performance.now() - begun < seconds * 1000) {
        // Paced: as many as should have been begun by now, whoever of the writers is free.
        if (started >= ((performance.now() - begun) / 1000) * rate) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        started += group;
        await write(group);
      }
    };
    await Promise.all(Array.from({ length: 24 }, loop));
    await drained();
    const took = (performance.now() - begun) / 1000;
    const latencies = [...committed].map(([n, at]) => Math.max(0, (taken.get(n) ?? Number.NaN) - at));
    const ms = (share: number) => percentile(latencies, share).toFixed(1);
    const after = cpuSeconds(server.process.pid as number);
    const cpu = (who: "host" | "server") => Math.round(((after[who] - before[who]) / committed.size) * 1e6);
    return [name, Math.round(committed.size / took), ms(0.5), ms(0.99), ms(1), cpu("host"), cpu("server")];
  }

  await run("warm-up", 500);
  const rows = [
    await run("500 a second", 500),
    await run("2,000 a second", 2000),
    await run("2,000 a second, 10 a transaction", 2000, 10),
    await run("as fast as it goes", Number.POSITIVE_INFINITY),
    await run("as fast as it goes, 10 a transaction", Number.POSITIVE_INFINITY, 10),
  ];
  const memory = Math.round(process.memoryUsage.rss() / 1048576);
  console.log(
    table(
      [
        "load",
        "events/s, written and taken",
        "p50 ms",
        "p99 ms",
        "max ms",
        "host CPU µs/event",
        "PostgreSQL CPU µs/event",
      ],
      rows,
    ),
  );
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `\n${availableParallelism()} cores for PostgreSQL, emitters and dispatcher together; load average ${load}; ${memory} MiB`,
  );
});
