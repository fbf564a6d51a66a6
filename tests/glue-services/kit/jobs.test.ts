import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import {
  addJob,
  type Database,
  type Job,
  type JobContext,
  job,
  type Service,
} from "../../../glue-services/kit/index.ts";
import { build, person } from "../build.ts";

const migrations = new URL("../notes/migrations/", import.meta.url);

function working(run: (payload: { n: number }, context: JobContext) => Promise<unknown>, options: Partial<Job> = {}) {
  const work = job({
    name: "notes.work",
    payload: Type.Object({ n: Type.Integer() }),
    run,
    attempts: 3,
    ...options,
  } as Job<ReturnType<typeof payloadOf>>);
  let database: Database | undefined;
  const service: Service = {
    name: "notes",
    migrations,
    jobs: [work],
    register(app) {
      database = app.database;
    },
  };
  return { work, service, database: () => database as Database };
}
const payloadOf = () => Type.Object({ n: Type.Integer() });

describe("jobs", () => {
  test("a job runs for the tenant that added it, and not at all when its transaction is rolled back", async () => {
    const seen: unknown[] = [];
    const { service, work, database } = working(async ({ n }, { tenant, attempt }) =>
      seen.push({ n, tenant, attempt }),
    );
    await build([service]);
    const { identity } = person();
    await expect(
      database().withTenant(identity, async (tx) => {
        await addJob(tx, work, { n: 1 });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await database().withTenant(identity, (tx) => addJob(tx, work, { n: 2 }));
    const tenant = { organisation: identity.organisation, person: identity.person };
    await expect.poll(() => seen).toEqual([{ n: 2, tenant, attempt: 1 }]);
  });

  test("what a failed job did once is not done again, nor seen by others", async () => {
    const results: unknown[] = [];
    const { service, work, database } = working(async ({ n }, { once, attempt, database: { pool } }) => {
      results.push(
        await once((tx) => tx.query("insert into effect (what, key) values ('done', $1)", [n]).then(() => "written")),
      );
      expect((await pool.query("select from effect")).rowCount).toBe(0);
      if (attempt === 1) throw new Error("after the effect");
    });
    const { owner } = await build([service]);
    await database().withTenant(person().identity, (tx) => addJob(tx, work, { n: 1 }));
    await expect.poll(() => results).toEqual(["written", undefined]);
    expect((await owner.query("select from notes.effect")).rowCount).toBe(1);
  });

  test("a later job of the same key replaces the earlier one, and a job may wait", async () => {
    const seen: number[] = [];
    const { service, work, database } = working(async ({ n }) => seen.push(n));
    await build([service]);
    await database().withTenant(person().identity, async (tx) => {
      await addJob(tx, work, { n: 1 }, { key: "a", runAt: new Date(Date.now() + 60_000) });
      await addJob(tx, work, { n: 2 }, { key: "a" });
      await addJob(tx, work, { n: 3 }, { runAt: new Date(Date.now() + 3_600_000) });
    });
    await expect.poll(() => seen).toEqual([2]);
  });

  test("closing asks running jobs to end, and they run again in the next host", async () => {
    const attempts: number[] = [];
    const { service, work, database } = working(async (_payload, { signal, attempt }) => {
      attempts.push(attempt);
      if (attempt > 1) return;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("asked to end"))));
    });
    const { app, url } = await build([service]);
    await database().withTenant(person().identity, (tx) => addJob(tx, work, { n: 1 }));
    await expect.poll(() => attempts).toEqual([1]);
    await app.close();
    await build([service], { database: { url } });
    await expect.poll(() => attempts).toEqual([1, 2]);
  });

  test("an urgent job begins while slow jobs of one organisation hold every other place", async () => {
    const end = Promise.withResolvers<void>();
    let begun = 0;
    const urgent: number[] = [];
    const { service, work, database } = working(async () => {
      begun++;
      await end.promise;
    });
    const shut = job({
      name: "notes.shut",
      payload: payloadOf(),
      urgent: true,
      run: async ({ n }) => void urgent.push(n),
    });
    await build([{ ...service, jobs: [work, shut as unknown as Job] }]);
    const { identity } = person();
    await database().withTenant(identity, async (tx) => {
      // As many as would take every place three times, and before the urgent one in every order.
      for (let n = 0; n < 12; n++) await addJob(tx, work, { n }, { priority: -10 });
    });
    await expect.poll(() => begun).toBe(4);
    await database().withTenant(person().identity, (tx) => addJob(tx, shut, { n: 1 }));
    await expect.poll(() => urgent).toEqual([1]);
    expect(begun).toBe(4);
    end.resolve();
  });

  test("one organisation's single job runs within a round, though another has two thousand waiting, with two hosts", async () => {
    const begun: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { service, work, database } = working(async (_payload, { tenant }) => {
      begun.push(tenant?.organisation ?? "nobody");
      await gate.promise;
    });
    const { url } = await build([service]);
    await build([service], { database: { url } });
    const [many, other, late] = [person().identity, person().identity, person().identity];
    for (let at = 0; at < 20; at++) {
      await database().withTenant(many, async (tx) => {
        for (let n = 0; n < 100; n++) await addJob(tx, work, { n });
      });
    }
    // Every place of both hosts is taken.
    await expect.poll(() => begun.length).toBe(8);
    await database().withTenant(other, async (tx) => {
      for (let n = 0; n < 3; n++) await addJob(tx, work, { n });
    });
    await database().withTenant(late, (tx) => addJob(tx, work, { n: 1 }, { priority: 3 }));
    gate.resolve();
    await expect.poll(() => begun.length).toBeGreaterThan(60);
    const after = begun.slice(8);
    // Two hosts take eight at a time, so the order within a few is theirs.
    expect(after.indexOf(late.organisation)).toBeLessThan(12);
    expect(after.indexOf(other.organisation)).toBeLessThan(12);
    expect(after.lastIndexOf(other.organisation)).toBeLessThan(20);
    expect(after.filter((one) => one === many.organisation).length).toBeGreaterThan(40);
  });

  test("whoever has many jobs waiting gets on too while others keep adding theirs one by one", async () => {
    const begun: string[] = [];
    const others = [person().identity, person().identity];
    let added = 0;
    const { service, work, database } = working(async (_payload, { tenant, database: at }) => {
      begun.push(tenant?.organisation ?? "nobody");
      const next = others.find(({ organisation }) => organisation === tenant?.organisation);
      if (next && added++ < 60) await at.withTenant(next, (tx) => addJob(tx, work, { n: 0 }));
    });
    await build([service]);
    const many = person().identity;
    await database().withTenant(many, async (tx) => {
      for (let n = 0; n < 200; n++) await addJob(tx, work, { n });
    });
    for (const one of others) await database().withTenant(one, (tx) => addJob(tx, work, { n: 0 }));
    await expect.poll(() => begun.length).toBe(200 + 62);
    const last = Math.max(...others.map(({ organisation }) => begun.lastIndexOf(organisation)));
    // Each of theirs took its turn after one of the many, and not before all of them.
    expect(begun.slice(0, last).filter((one) => one === many.organisation).length).toBeGreaterThan(20);
  });

  test("a job that takes the place of one that waits keeps its turn, and priority orders the jobs of one organisation", async () => {
    const seen: number[] = [];
    const { service, work, database } = working(async ({ n }) => seen.push(n), { queue: "one at a time" });
    const { owner } = await build([service], { background: false });
    const { identity } = person();
    const turns = async () =>
      (await owner.query("select priority >> 3 as turn from graphile_worker.jobs order by id")).rows.map(
        (row) => row.turn,
      );
    await database().withTenant(identity, async (tx) => {
      for (let n = 0; n < 3; n++) await addJob(tx, work, { n });
      for (let n = 0; n < 5; n++) await addJob(tx, work, { n: 10 + n }, { key: "same" });
      await addJob(tx, work, { n: 20 }, { priority: -1 });
    });
    expect(await turns()).toEqual([0, 1, 2, 3, 0]);
  });

  test("a job named after another service, or cron that cannot be read, stops the start", async () => {
    const foreign = working(async () => {}, { name: "billing.work" });
    await expect(build([foreign.service])).rejects.toThrow(/must be named notes\./);
    const never = working(async () => {}, { cron: "61 * * * *" });
    await expect(build([never.service])).rejects.toThrow(/cron|61/i);
  });
});
