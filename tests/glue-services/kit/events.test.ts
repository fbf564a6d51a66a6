import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import { forgetOld } from "../../../glue-services/kit/events/start.ts";
import {
  type Database,
  type DeliveredEvent,
  emit,
  type Service,
  subscription,
} from "../../../glue-services/kit/index.ts";
import { build, person } from "../build.ts";

const migrations = new URL("../notes/migrations/", import.meta.url);
const who = () => person().identity;

/** A service that emits what a test says and hands events to the test's own function. */
function listening(
  handle: (event: DeliveredEvent<{ n: number }>, tx: Parameters<typeof emit>[0]) => Promise<unknown>,
  attempts = 5,
  timeout = 30,
) {
  let database: Database | undefined;
  const service: Service = {
    name: "notes",
    migrations,
    subscriptions: [
      subscription({
        name: "notes.listen",
        topic: "notes.*",
        payload: Type.Object({ n: Type.Integer() }),
        handle,
        attempts,
        timeout,
      }),
    ],
    register(app) {
      database = app.database;
    },
  };
  return { service, database: () => database as Database };
}

const say = (database: Database, tenant: { organisation: string }, key: string, n: unknown) =>
  database.withTenant(tenant, async (tx) => emit(tx, { topic: "notes.said", key, payload: { n } }));

describe("events", () => {
  test("events of one key come in order of their commits, also from many writers and two hosts", async () => {
    const seen = new Map<string, number[]>();
    const { service, database } = listening(async ({ key, payload }) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      seen.set(key, [...(seen.get(key) ?? []), payload.n]);
    });
    const { url } = await build([service]);
    const one = database();
    await build([service], { database: { url } });
    const tenant = who();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let at = 0; at < 15; at++) await say(one, tenant, `k${at % 3}`, writer * 100 + at);
    });
    await Promise.all(writers);
    await expect.poll(() => [...seen.values()].flat().length).toBe(120);
    for (const numbers of seen.values()) {
      for (let writer = 0; writer < 8; writer++) {
        const own = numbers.filter((n) => Math.floor(n / 100) === writer);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    }
  });

  test("an event of a transaction that is rolled back never was", async () => {
    const seen: number[] = [];
    const { service, database } = listening(async ({ payload }) => seen.push(payload.n));
    const { owner } = await build([service]);
    await expect(
      database().withTenant(who(), async (tx) => {
        emit(tx, { topic: "notes.said", key: "k", payload: { n: 1 } });
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await say(database(), who(), "k", 2);
    await expect.poll(() => seen).toEqual([2]);
    expect((await owner.query("select from devflow.event")).rowCount).toBe(1);
  });

  test("transactions with many keys in any order do not wait for each other forever", async () => {
    const seen: number[] = [];
    const { service, database } = listening(async ({ payload }) => seen.push(payload.n));
    await build([service]);
    const shuffled = () =>
      Array.from({ length: 20 }, (_, key) => ({ key, at: Math.random() })).toSorted((a, b) => a.at - b.at);
    const many = () =>
      database().withTenant(who(), async (tx) => {
        for (const { key } of shuffled()) emit(tx, { topic: "notes.said", key: `k${key}`, payload: { n: key } });
      });
    await Promise.all(Array.from({ length: 25 }, many));
    await expect.poll(() => seen.length).toBe(500);
  });

  test("what a handler emits belongs to the organisation of the event it handles", async () => {
    const { service, database } = listening(async ({ topic, key, payload }, tx) => {
      if (topic === "notes.said") emit(tx, { topic: "notes.heard", key, payload });
    });
    const { owner } = await build([service]);
    const tenants = [who(), who(), who()];
    await Promise.all(tenants.map((tenant, at) => say(database(), tenant, `k${at}`, at)));
    const pairs = () =>
      owner.query(
        "select s.organisation_id = h.organisation_id as same from devflow.event s join devflow.event h using (key) where s.topic = 'notes.said' and h.topic = 'notes.heard'",
      );
    await expect.poll(async () => (await pairs()).rows).toEqual(Array(3).fill({ same: true }));
  });

  test("a handler acts for the event's organisation, also when events of several are taken together", async () => {
    const { service, database } = listening(async ({ key }, tx) =>
      tx.query("insert into effect (what, key) values ('heard', $1)", [key]),
    );
    const { owner } = await build([service]);
    const tenants = Array.from({ length: 5 }, who);
    await Promise.all(Array.from({ length: 40 }, (_, at) => say(database(), tenants[at % 5] as never, `k${at}`, at)));
    const effects = () =>
      owner.query(
        "select e.organisation_id = v.organisation_id as right from notes.effect e join devflow.event v on v.key = e.key",
      );
    await expect.poll(async () => (await effects()).rows).toEqual(Array(40).fill({ right: true }));
  });

  test("a failure is tried again with growing pauses, holds up only its own key, and keeps nothing of its effect", async () => {
    const times: number[] = [];
    const order: string[] = [];
    const { service, database } = listening(async ({ key, payload, attempt }, tx) => {
      await tx.query("insert into effect (what, key) values ('heard', $1)", [`${key}${payload.n}`]);
      if (key === "bad" && payload.n === 1 && (attempt < 4 || !order.includes("good1"))) {
        times.push(performance.now());
        throw new Error("not yet");
      }
      order.push(`${key}${payload.n}`);
    });
    const { owner } = await build([service]);
    const tenant = who();
    for (const [key, n] of [
      ["bad", 1],
      ["bad", 2],
      ["good", 1],
    ] as const)
      await say(database(), tenant, key, n);
    await expect.poll(() => new Set(order).size).toBe(3);
    expect(order.indexOf("good1")).toBeLessThan(order.indexOf("bad1"));
    expect(order.lastIndexOf("bad1")).toBeLessThan(order.lastIndexOf("bad2"));
    expect((times[2] as number) - (times[1] as number)).toBeGreaterThan(250);
    const kept = () =>
      owner.query("select key from notes.effect order by key").then(({ rows }) => rows.map((row) => row.key));
    await expect.poll(kept).toEqual(["bad1", "bad2", "good1"]);
  });

  test("what fails too often becomes a dead letter that an administrator sees, retries and discards", async () => {
    let broken = true;
    const heard: number[] = [];
    const { service, database } = listening(async ({ payload }) => {
      if (broken) throw new Error("the printer is on fire");
      heard.push(payload.n);
    }, 1);
    const { app } = await build([service]);
    const administrator = person({ roles: ["platform-administrator"] }).headers;
    const list = async () => (await app.inject({ url: "/api/platform/dead-letters", headers: administrator })).json();
    for (const n of [1, 2]) await say(database(), who(), "k", n);
    await expect.poll(async () => (await list()).length).toBe(2);
    const [second, first] = await list();
    expect(first).toMatchObject({
      subscriber: "notes.listen",
      topic: "notes.said",
      error: "the printer is on fire",
      payload: { n: 1 },
    });

    broken = false;
    const call = (method: "POST" | "DELETE", url: string, headers: Record<string, string> = administrator) =>
      app.inject({ method, url: `/api/platform/dead-letters/${url}`, headers }).then(({ statusCode }) => statusCode);
    expect(await call("POST", `${first.id}/retry`, person().headers)).toBe(403);
    expect(await call("POST", `${first.id}/retry`)).toBe(204);
    await expect.poll(() => heard).toEqual([1]);
    expect(await call("DELETE", second.id)).toBe(204);
    expect(await call("DELETE", second.id)).toBe(404);
    expect(await list()).toEqual([]);
  });

  test("an administrator sees recent events page by page, by topic, with what is still to be delivered, and one's content", async () => {
    const { service, database } = listening(async ({ payload }) => {
      if (payload.n === 2) throw new Error("not this one");
    }, 1);
    const { app, owner } = await build([service]);
    const { identity } = person();
    await say(database(), identity, "a", 1);
    await say(database(), identity, "b", 2);
    await say(database(), identity, "c", 3);
    await database().withTenant(identity, async (tx) => emit(tx, { topic: "notes.told", key: "d", payload: { n: 4 } }));
    const { headers } = person({ roles: ["platform-administrator"] });
    const read = async (path: string, as = headers) => {
      const answer = await app.inject({ url: `/api/platform/events${path}`, headers: as });
      return { status: answer.statusCode, body: answer.json() };
    };
    const states = async () =>
      (await read("")).body.events.map(({ key, open }: { key: string; open: { state: string }[] }) => [
        key,
        ...open.map(({ state }) => state),
      ]);
    await expect.poll(states).toEqual([["d"], ["c"], ["b", "failed"], ["a"]]);

    const first = (await read("?limit=3")).body;
    expect(first.events[2].open).toEqual([
      { subscriber: "notes.listen", state: "failed", attempts: 1, retryAt: null, error: "not this one" },
    ]);
    expect(JSON.stringify(first)).not.toContain("payload");
    const rest = (await read(`?limit=3&before=${first.next}`)).body;
    expect(rest).toMatchObject({ events: [{ key: "a", organisation: identity.organisation }], next: null });
    expect((await read("/topics")).body).toEqual(["notes.said", "notes.told"]);
    expect((await read("?topic=notes.told")).body.events).toHaveLength(1);
    expect((await read("?topic=notes.*")).body.events).toHaveLength(4);
    expect((await read("?topic=note.*")).body.events).toHaveLength(0);
    expect((await read(`/${first.events[0].id}`)).body).toMatchObject({ key: "d", payload: { n: 4 }, open: [] });

    for (const path of ["", "/topics", `/${first.events[0].id}`]) {
      expect((await read(path, person().headers)).status).toBe(403);
    }
    expect((await read("/999")).status).toBe(404);
    for (const wrong of ["?limit=201", "?before=-1", "?topic=%25"]) expect((await read(wrong)).status).toBe(400);

    // A rare topic does not make one call read everything: it answers how far it looked.
    await owner.query(
      "insert into devflow.event (topic, key, payload) select 'notes.many', 'k', '{}' from generate_series(1, 20100)",
    );
    const none = (await read("?topic=notes.told")).body;
    expect(none).toMatchObject({ events: [], next: expect.any(String) });
    expect((await read(`?topic=notes.told&before=${none.next}`)).body).toMatchObject({
      events: [{ key: "d" }],
      next: null,
    });
  });

  test("a payload of another shape is dead at once, and a swallowed failure is found out", async () => {
    const { service, database } = listening(async ({ payload }, tx) => {
      if (payload.n === 7) await tx.query("select 1 / 0").catch(() => {});
    }, 1);
    const { owner } = await build([service]);
    await say(database(), who(), "shape", "seven");
    await Promise.all(Array.from({ length: 10 }, (_, at) => say(database(), who(), `k${at}`, at)));
    const dead = () =>
      owner.query("select key from devflow.dead_letter order by key").then(({ rows }) => rows.map(({ key }) => key));
    await expect.poll(dead).toEqual(["k7", "shape"]);
    await expect.poll(async () => (await owner.query("select from devflow.delivery")).rowCount).toBe(0);
  });

  test("events that no signal told of are found, and a lost listener comes back", async () => {
    const seen: number[] = [];
    const { service, database } = listening(async ({ payload }) => seen.push(payload.n));
    const { owner } = await build([service]);
    await owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query ~ '^(listen|notify) ' and datname = current_database()",
    );
    await database().withTenant(who(), (tx) =>
      tx.query(`select devflow.emit('[{"topic": "notes.said", "key": "k", "payload": {"n": 1}}]', null)`),
    );
    await expect.poll(() => seen).toEqual([1]);
    await expect
      .poll(
        async () =>
          (
            await owner.query(
              "select from pg_stat_activity where query ~ '^(listen|notify) ' and datname = current_database()",
            )
          ).rowCount,
      )
      .toBe(1);
  });

  test("old events are forgotten, but not those that still wait for somebody", async () => {
    const { service, database } = listening(async ({ payload }) => {
      if (payload.n === 2) throw new Error("no");
    }, 1);
    const { owner } = await build([service]);
    for (const n of [1, 2, 3]) await say(database(), who(), `k${n}`, n);
    await expect.poll(async () => (await owner.query("select from devflow.delivery")).rowCount).toBe(0);
    await owner.query("update devflow.event set emitted_at = now() - interval '8 days' where key <> 'k3'");
    expect(await forgetOld(owner, { most: 1 })).toBeGreaterThan(1);
    expect((await owner.query("select key from devflow.event order by key")).rows).toEqual([
      { key: "k2" },
      { key: "k3" },
    ]);
  });

  test("a subscription that is gone from the code gets no more deliveries", async () => {
    const { service, database } = listening(async () => {
      throw new Error("never");
    });
    const { url, owner, app } = await build([service]);
    await say(database(), who(), "k", 1);
    await app.close();
    expect((await owner.query("select from devflow.delivery")).rowCount).toBe(1);
    await build([{ ...service, subscriptions: [] }], { database: { url } });
    expect(
      (await owner.query("select from devflow.delivery union all select from devflow.subscription")).rowCount,
    ).toBe(0);
  });

  test("a handler that takes too long is refused its late writes, and its connection is not used again", async () => {
    const late = Promise.withResolvers<void>();
    let answer: Promise<unknown> | undefined;
    const { service, database } = listening(
      async ({ key, attempt }, tx) => {
        if (key !== "slow" || attempt > 1) return tx.query("insert into note (text) values ($1)", [key]);
        await late.promise;
        answer = tx.query("insert into note (text) values ('late')");
        return answer;
      },
      5,
      0.3,
    );
    const { owner } = await build([service]);
    const [slow, quick] = [who(), who()];
    await say(database(), slow, "slow", 1);
    await expect
      .poll(async () => (await owner.query("select from devflow.delivery where attempts > 0")).rowCount)
      .toBe(1);
    // Enough transactions of another organisation to come by every connection there is.
    for (let at = 0; at < 10; at++) await say(database(), quick, `quick${at}`, at);
    late.resolve();
    await expect.poll(async () => (await owner.query("select from notes.note")).rowCount).toBe(11);
    await expect(answer).rejects.toThrow(/has ended/);
    const { rows } = await owner.query("select organisation_id, text from notes.note where text not like 'quick%'");
    expect(rows).toEqual([{ organisation_id: slow.organisation, text: "slow" }]);
  });

  test("events that fail or hang, one in every slot, do not hold up those of others", async () => {
    const stop = Promise.withResolvers<void>();
    const seen = new Set<string>();
    const { service, database } = listening(
      async ({ key }) => {
        if (key.startsWith("hang")) await stop.promise;
        if (key.startsWith("fail")) throw new Error("poison");
        seen.add(key);
      },
      1000,
      0.2,
    );
    const { owner } = await build([service]);
    const failed = async () =>
      (await owner.query("select from devflow.delivery where attempts > 0")).rowCount as number;
    const poison = Array.from({ length: 64 }, (_, at) => `fail${at}`);
    for (const key of [...poison, "hang1", "hang2"]) await say(database(), who(), key, 0);
    await expect.poll(failed).toBe(66);
    for (let at = 0; at < 100; at++) await say(database(), who(), `good${at}`, at);
    await expect.poll(() => seen.size).toBe(100);
    expect(await failed()).toBe(66);
    stop.resolve();
  });
});
