import type { FastifyBaseLogger } from "fastify";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { keepClient } from "../../../glue-services/kit/database/kept-client.ts";
import { openListener } from "../../../glue-services/kit/database/listener.ts";
import { coalesce } from "../../../glue-services/kit/events/start.ts";
import { holdName } from "../../../glue-services/kit/jobs/holder.ts";
import { cloneDatabase } from "../build.ts";

async function pool() {
  const { url, owner } = await cloneDatabase();
  const own = new pg.Pool({ connectionString: url, max: 3 });
  own.on("error", () => {});
  let ended = false;
  const end = async () => {
    if (!ended) await own.end();
    ended = true;
  };
  onTestFinished(end);
  const warnings: string[] = [];
  const log = { warn: (_: object, text: string) => warnings.push(text) } as unknown as FastifyBaseLogger;
  return { pool: own, owner, end, log, warnings, inUse: () => own.totalCount - own.idleCount };
}

describe("a connection that is kept", () => {
  test("takes none of the pool while what it is for keeps failing, and leaves none behind", async () => {
    const { pool: own, end, log, warnings, inUse } = await pool();
    const kept = await keepClient(own, { purpose: "a test", log, begin: (client) => client.query("no statement") });
    await expect.poll(() => warnings.length).toBeGreaterThan(3);
    expect(inUse()).toBeLessThanOrEqual(1);
    expect((await own.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    kept.close();
    await expect.poll(inUse).toBe(0);
    await end();
  });

  test("for a name that somebody else holds waits without one, and has it when that ends", async () => {
    const { pool: own, end, log, warnings, inUse } = await pool();
    const first = await holdName(own, "host", log);
    const second = await holdName(own, "host", log);
    await expect.poll(() => warnings.length).toBeGreaterThan(2);
    expect(inUse()).toBeLessThanOrEqual(2);
    first.close();
    await expect.poll(inUse).toBe(1);
    // The view shows those of every database of the server, and other tests hold some.
    const held = `select from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and l.granted and d.datname = current_database()`;
    await expect.poll(async () => (await own.query(held)).rowCount).toBe(1);
    second.close();
    await expect.poll(inUse).toBe(0);
    await end();
  });

  test("comes back each time it is cut off, is one at a time, and is given up while it is being made", async () => {
    const { pool: own, owner, end, log, inUse } = await pool();
    let heard = 0;
    const listener = await openListener(own, log);
    const channel = await listener.on("tests", () => heard++);
    for (let cut = 1; cut <= 3; cut++) {
      const before = heard;
      await owner.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
      );
      await expect.poll(() => heard).toBeGreaterThan(before);
      expect(inUse()).toBe(1);
    }
    const before = heard;
    await owner.query("notify tests");
    await expect.poll(() => heard).toBe(before + 1);
    channel.tell();
    await owner.query("notify tests");
    await expect.poll(() => heard).toBe(before + 2);
    listener.close();
    const late = openListener(own, log);
    (await late).close();
    await expect.poll(inUse).toBe(0);
    await end();
  });
});

test("wake-ups while one is under way are one more, however many they are", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let running = 0;
  let most = 0;
  let runs = 0;
  const gates: (() => void)[] = [];
  const wake = coalesce(10, async () => {
    runs++;
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running--;
  });
  const end = async () => {
    gates.shift()?.();
    await vi.advanceTimersByTimeAsync(10);
  };
  for (let at = 0; at < 1000; at++) wake();
  expect([runs, most]).toEqual([1, 1]);
  await end();
  expect([runs, running]).toEqual([2, 1]);
  await end();
  await vi.advanceTimersByTimeAsync(1000);
  expect([runs, running, most]).toEqual([2, 0, 1]);
  wake();
  wake();
  wake.stop();
  await end();
  expect([runs, running]).toEqual([3, 0]);
});
