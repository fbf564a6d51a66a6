/**
 * Events through the outbox: `node tests/bench/kit/outbox.ts`. Each is written with a row in a transaction of its own and
 * handled by a subscriber that writes a row; PostgreSQL flushes every commit to disk. Latency is from the commit of the
 * event to the commit of its effect.
 */
import { availableParallelism } from "node:os";
import { Type } from "typebox";
import { type Database, emit, type Service, subscription } from "../../../glue-services/kit/index.ts";
import { cpuSeconds } from "./cpu.ts";
import { percentile, table, withPlatform } from "./platform.ts";

const seconds = 8;
const keys = 200;

let database: Database;
const committed = new Map<bigint, number>();
const taken = new Map<bigint, number>();

const bench: Service = {
  name: "bench",
  migrations: new URL("outbox-migrations/", import.meta.url),
  subscriptions: [
    subscription({
      name: "bench.effect",
      topic: "bench.written",
      payload: Type.Object({ text: Type.String() }),
      async handle({ id }, tx) {
        tx.afterCommit(() => taken.set(id, performance.now()));
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

  async function write(): Promise<void> {
    const key = String(Math.floor(Math.random() * keys));
    const id = await database.withTenant(who, async (tx) => {
      const inserted = tx.query({ name: "written", text: "insert into written (text) values ($1)", values: [key] });
      const emitted = emit(tx, { topic: "bench.written", key, payload: { text: key } });
      await inserted;
      return emitted;
    });
    committed.set(id, performance.now());
  }

  async function drained(): Promise<void> {
    while (taken.size < committed.size) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async function run(name: string, rate: number | undefined): Promise<(string | number)[]> {
    committed.clear();
    taken.clear();
    const before = cpuSeconds(server.process.pid as number);
    const begun = performance.now();
    let started = 0;
    const loop = async () => {
      while (performance.now() - begun < seconds * 1000) {
        // Paced: as many as should have been begun by now, whoever of the writers is free.
        if (rate !== undefined && started >= ((performance.now() - begun) / 1000) * rate) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        started++;
        await write();
      }
    };
    await Promise.all(Array.from({ length: 24 }, loop));
    await drained();
    const took = (performance.now() - begun) / 1000;
    const latencies = [...committed].map(([id, at]) => Math.max(0, (taken.get(id) ?? Number.NaN) - at));
    const ms = (share: number) => percentile(latencies, share).toFixed(1);
    const after = cpuSeconds(server.process.pid as number);
    const cpu = (who: "host" | "server") => Math.round(((after[who] - before[who]) / committed.size) * 1e6);
    return [name, Math.round(committed.size / took), ms(0.5), ms(0.99), ms(1), cpu("host"), cpu("server")];
  }

  await run("warm-up", 500);
  const rows = [
    await run("as fast as it goes", undefined),
    await run("2,000 a second", 2000),
    await run("500 a second", 500),
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
  console.log(
    `\n${availableParallelism()} cores for PostgreSQL, emitters and dispatcher together; process ${memory} MiB`,
  );
});
