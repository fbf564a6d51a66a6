import { describe, expect, test } from "vitest";
import type { Database, Service, Transaction } from "../../../glue-services/kit/index.ts";
import { build, person } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { notes } from "../notes/notes.ts";

/** The example service, with its database within reach. */
function exposed(): { service: Service; database: () => Database } {
  let database: Database | undefined;
  const service: Service = {
    ...notes,
    register(app) {
      database = app.database;
      return notes.register(app);
    },
  };
  return { service, database: () => database as Database };
}

describe("tenancy", () => {
  test("no row of the example service reaches another organisation", async () => {
    const { service, database } = exposed();
    const { app, owner } = await build([service]);
    const one = person();
    await app.inject({ method: "POST", url: "/api/notes", headers: one.headers, payload: { text: "mine" } });
    await expect.poll(async () => (await owner.query("select from notes.effect")).rowCount).toBe(1);
    expect(await proveIsolation(owner, database())).toEqual(["effect", "note"]);
  });

  test("the proof fails for a table without protection", async () => {
    const { service, database } = exposed();
    const { app, owner } = await build([service]);
    const { headers } = person();
    await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "mine" } });
    await owner.query("alter table notes.note disable row level security");
    await expect(proveIsolation(owner, database(), { shared: ["effect"] })).rejects.toThrow(/deeply equal/);
    await owner.query("alter table notes.note enable row level security");
    await owner.query("create policy hole on notes.note for select using (true)");
    await expect(proveIsolation(owner, database(), { shared: ["effect"] })).rejects.toThrow(/cannot be read/);
  });

  test("another organisation's note is not found, by list or by id", async () => {
    const { app } = await build([notes]);
    const [one, other] = [person(), person()];
    const written = await app.inject({
      method: "POST",
      url: "/api/notes",
      headers: one.headers,
      payload: { text: "mine" },
    });
    const { id } = written.json();
    expect((await app.inject({ url: `/api/notes/${id}`, headers: one.headers })).statusCode).toBe(200);
    expect((await app.inject({ url: `/api/notes/${id}`, headers: other.headers })).statusCode).toBe(404);
    expect((await app.inject({ url: "/api/notes", headers: other.headers })).json()).toEqual([]);
  });

  test("a service's role reaches no other schema, makes nothing, and has no way around its policies", async () => {
    const { service, database } = exposed();
    const { owner } = await build([service]);
    const { pool } = database();
    await owner.query("create schema other; create table other.secret (text text)");
    for (const statement of [
      "select * from other.secret",
      "select * from devflow.event",
      "delete from devflow.delivery",
      "create table notes.mine (a int)",
      "create table public.mine (a int)",
      "alter table notes.note disable row level security",
      "select devflow.revive('{1}')",
      "select devflow.register('notes', '{}', '{}')",
      "select * from graphile_worker.jobs",
      `select devflow.emit('[{"topic": "billing.paid", "key": "k", "payload": {}}]', null)`,
      "select devflow.claim('billing.meter', 1)",
      "select devflow.once('billing', 1)",
    ]) {
      await expect(pool.query(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    const { rows } = await pool.query(
      "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user",
    );
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false }]);
  });

  test("a reader cannot write, a swallowed failure is not taken for success, settings end with the transaction", async () => {
    const { service, database } = exposed();
    await build([service]);
    const { identity } = person();
    const { pool, readTenant, withTenant } = database();
    await expect(readTenant(identity, (tx) => tx.query("insert into note (text) values ('x')"))).rejects.toMatchObject({
      code: "25006",
    });
    await expect(
      withTenant(identity, async (tx) => {
        await tx.query("insert into note (text) values ('x')");
        await tx.query("select 1 / 0").catch(() => {});
      }),
    ).rejects.toThrow(/was rolled back/);
    await withTenant(identity, (tx) => tx.query("insert into note (text) values ('x')"));
    for (let at = 0; at < 20; at++) expect((await pool.query("select from note")).rowCount).toBe(0);
    await expect(database().query(identity, { text: "insert into note (text) values (null)" })).rejects.toMatchObject({
      code: "23502",
    });
    await database().query(identity, { text: "insert into note (text) values ('y')" });
    expect((await database().query(identity, { text: "select text from note" })).rows).toEqual([
      { text: "x" },
      { text: "y" },
    ]);
    await expect(withTenant({ organisation: "' or true --" }, async () => 1)).rejects.toThrow(/UUIDs/);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  test("work that goes on after its transaction ended writes nothing, neither there nor in the next one", async () => {
    const { service, database } = exposed();
    const { owner } = await build([service]);
    const [one, other] = [person().identity, person().identity];
    const { withTenant } = database();
    const late = Promise.withResolvers<void>();
    const answers: Promise<unknown>[] = [];
    const failing = withTenant(one, (tx) =>
      Promise.all([
        Promise.reject(new Error("the first part fails")),
        late.promise.then(() => {
          const answer = tx.query("insert into note (text) values ('late')");
          answers.push(answer);
          return answer;
        }),
      ]),
    );
    await expect(failing).rejects.toThrow("the first part fails");
    // Every connection is in somebody else's transaction, among them the one that the work had.
    await withTenant(other, async (tx) => {
      await tx.query("insert into note (text) values ('of the other')");
      late.resolve();
      await tx.query("select pg_sleep(0.05)");
    });
    expect(answers).toHaveLength(1);
    await expect(answers[0]).rejects.toThrow(/has ended/);

    let kept: Transaction | undefined;
    await withTenant(one, async (tx) => {
      kept = tx;
    });
    await expect(kept?.query("insert into note (text) values ('kept')")).rejects.toThrow(/has ended/);
    expect((await owner.query("select text from notes.note")).rows).toEqual([{ text: "of the other" }]);
  });
});
