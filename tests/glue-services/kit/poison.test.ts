import { Type } from "typebox";
import { expect, test } from "vitest";
import { addJob, type Database, emit, job, type Service, subscription } from "../../../glue-services/kit/index.ts";
import { build, person } from "../build.ts";

const migrations = new URL("../notes/migrations/", import.meta.url);
/** What people write ends up in the texts of errors, whatever it is. */
const unstorable = "unexpected \u0000 and \ud800 at line 1";

test("a job that fails with a text that cannot be kept is noted, tried as often as it may be, and holds up no other", async () => {
  const began: string[] = [];
  let database: Database | undefined;
  const work = job({
    name: "notes.poisoned",
    payload: Type.Object({ what: Type.String() }),
    attempts: 1,
    async run({ what }) {
      began.push(what);
      if (what === "bad") throw new Error(unstorable);
    },
  });
  const service: Service = {
    ...{ name: "notes", migrations, jobs: [work] },
    register(app) {
      database = app.database;
    },
  };
  const { owner } = await build([service]);
  const add = (what: string) => database?.withTenant(person().identity, (tx) => addJob(tx, work, { what }));
  await add("bad");
  await expect
    .poll(async () => (await owner.query("select last_error from graphile_worker.jobs")).rows)
    .toEqual([{ last_error: expect.stringContaining("unexpected") }]);
  await add("good");
  await expect.poll(() => began).toContain("good");
  expect(began).toEqual(["bad", "good"]);
});

test("an event whose handler fails with a text that cannot be kept becomes a dead letter like any other", async () => {
  let database: Database | undefined;
  let tries = 0;
  const listen = subscription({
    name: "notes.poisoned",
    topic: "notes.said",
    payload: Type.Object({}),
    attempts: 1,
    async handle() {
      tries++;
      throw new Error(unstorable);
    },
  });
  const service: Service = {
    ...{ name: "notes", migrations, subscriptions: [listen] },
    register(app) {
      database = app.database;
    },
  };
  const { owner } = await build([service]);
  await database?.withTenant(person().identity, async (tx) => emit(tx, { topic: "notes.said", key: "k", payload: {} }));
  await expect
    .poll(async () => (await owner.query("select error from devflow.dead_letter")).rows)
    .toEqual([{ error: expect.stringContaining("unexpected") }]);
  expect(tries).toBe(1);
});
