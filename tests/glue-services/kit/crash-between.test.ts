import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { build, cloneDatabase, person, sharedServer } from "../build.ts";
import { notes } from "../notes/notes.ts";
import { administer } from "../template.ts";

/** What is there of the one note: its row, its event, deliveries that are still to be made, and its effects. */
const tally = `select
  (select count(*)::int from notes.note) as notes,
  (select count(*)::int from devflow.event) as events,
  (select count(*)::int from devflow.delivery) as waiting,
  (select count(*)::int from notes.effect) as effects`;
const nothing = { notes: 0, events: 0, waiting: 0, effects: 0 };
const committed = { notes: 1, events: 1, waiting: 1, effects: 0 };
const done = { notes: 1, events: 1, waiting: 0, effects: 1 };

/** The lock at which a commit is made to wait. */
const gate = 4711;

describe("kill -9 of the host between data and event", () => {
  test("when the data is written and the event is not: neither remains, and nothing happens", async () => {
    const { url, owner } = await cloneDatabase();
    const host = await startHost(url, "data");
    host.send("write");
    await once(host, "message");
    await kill(host);
    await expectNothing(url, owner);
  });

  test("when both are written and not committed, and the database's side of it dies too: neither remains", async () => {
    const { url, owner } = await cloneDatabase();
    const { host, backend, open } = await stopAtCommit(url, owner);
    await kill(host);
    await administer(await sharedServer(), (client) =>
      client.query("select pg_terminate_backend($1, 5000)", [backend]),
    );
    await open();
    await expectNothing(url, owner);
  });

  test("when the commit is on its way: both are there, and the next host does the effect once", async () => {
    const { url, owner } = await cloneDatabase();
    const { host, open } = await stopAtCommit(url, owner);
    await kill(host);
    expect(await read(owner)).toEqual(nothing);
    await open();
    await expect.poll(() => read(owner)).toEqual(committed);
    await expectOnce(url, owner);
  });

  test("when both are committed and no dispatcher is told: the next host finds it and does the effect once", async () => {
    const { url, owner } = await cloneDatabase();
    const host = await startHost(url, "committed");
    host.send("write");
    await once(host, "exit");
    expect(host.signalCode).toBe("SIGKILL");
    expect(await read(owner)).toEqual(committed);
    await expectOnce(url, owner);
  });
});

/** The next host finds nothing to do, and goes on as if nothing had been. */
async function expectNothing(url: string, owner: pg.Pool): Promise<void> {
  await expect.poll(() => read(owner)).toEqual(nothing);
  const { app } = await build([notes], { database: { url } });
  expect(await read(owner)).toEqual(nothing);
  const { headers } = person();
  const answer = await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "next" } });
  expect(answer.statusCode).toBe(201);
  await expect.poll(() => read(owner)).toEqual(done);
}

/** Two hosts come up at once, so that both look for what was left. */
async function expectOnce(url: string, owner: pg.Pool): Promise<void> {
  await Promise.all([build([notes], { database: { url } }), build([notes], { database: { url } })]);
  await expect.poll(() => read(owner)).toEqual(done);
  // Longer than a sweep: what would be done again is done by then.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(await read(owner)).toEqual(done);
}

async function read(owner: pg.Pool): Promise<unknown> {
  return (await owner.query(tally)).rows[0];
}

async function startHost(url: string, moment: "data" | "committed" | "none"): Promise<ChildProcess> {
  const host = fork(fileURLToPath(new URL("../crash-host.ts", import.meta.url)), [url, moment], { stdio: "inherit" });
  onTestFinished(() => void host.kill("SIGKILL"));
  await once(host, "message");
  return host;
}

async function kill(host: ChildProcess): Promise<void> {
  const gone = once(host, "exit");
  host.kill("SIGKILL");
  await gone;
}

/** A host whose transaction has written data and event, has been told to commit, and waits at the gate just before it. */
async function stopAtCommit(
  url: string,
  owner: pg.Pool,
): Promise<{ host: ChildProcess; backend: number; open: () => Promise<unknown> }> {
  const host = await startHost(url, "none");
  await owner.query(`
    create function public.wait_at_gate() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(${gate}); return null; end $$;
    create constraint trigger gate after insert on devflow.event deferrable initially deferred
      for each row execute function public.wait_at_gate()`);
  const keeper = await owner.connect();
  onTestFinished(() => keeper.release(true));
  await keeper.query(`select pg_advisory_lock(${gate})`);
  host.send("write");
  const waiting = async (): Promise<number | undefined> =>
    (
      await owner.query(
        `select pid from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted
           and database = (select oid from pg_database where datname = current_database())`,
      )
    ).rows[0]?.pid;
  await expect.poll(waiting).toBeDefined();
  const backend = (await waiting()) as number;
  return { host, backend, open: () => keeper.query(`select pg_advisory_unlock(${gate})`) };
}
