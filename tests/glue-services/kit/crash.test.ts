import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { addJob, buildApp, type Database, type Service } from "../../../glue-services/kit/index.ts";
import { build, cloneDatabase, people, person } from "../build.ts";
import { notes, print } from "../notes/notes.ts";
import { startPostgres } from "../postgres-server.ts";
import { address, administer, owner as role } from "../template.ts";

/** How often each note was counted and printed; all is well when every number is 1. */
const tally = `select
  (select count(*)::int from notes.note) as notes,
  (select count(*)::int from devflow.event where topic = 'notes.written') as events,
  (select count(distinct key)::int from notes.effect where what = 'counted') as counted,
  (select count(*)::int from notes.effect where what = 'counted') as counts,
  (select count(distinct key)::int from notes.effect where what = 'printed') as printed,
  (select count(*)::int from notes.effect where what = 'printed') as prints,
  (select count(*)::int from devflow.dead_letter) as dead`;

async function expectOnce(owner: pg.Pool): Promise<number> {
  const read = async () => (await owner.query(tally)).rows[0];
  const { notes } = await read();
  await expect.poll(read, { interval: 250 }).toEqual({
    notes,
    events: notes,
    counted: notes,
    counts: notes,
    printed: notes,
    prints: notes,
    dead: 0,
  });
  return notes;
}

describe("kill -9", () => {
  test("of the host, again and again: every event and every job has its effect once", async () => {
    const { url, owner } = await cloneDatabase();
    for (let round = 0; round < 4; round++) {
      const host = fork(fileURLToPath(new URL("../crash-host.ts", import.meta.url)), [url], { stdio: "inherit" });
      await new Promise((resolve) => host.once("message", resolve));
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 500));
      host.kill("SIGKILL");
      await new Promise((resolve) => host.once("exit", resolve));
    }
    await build([notes], { database: { url } });
    expect(await expectOnce(owner)).toBeGreaterThan(20);
  });

  test("of the host in the middle of a job: the next host takes it over in seconds, not in hours", async () => {
    const { url, owner } = await cloneDatabase();
    let database: Database | undefined;
    const service: Service = {
      ...notes,
      register(app) {
        database = app.database;
        return notes.register(app);
      },
    };
    const { app } = await build([service], { database: { url }, background: false });
    await (database as unknown as Database).withTenant(person().identity, (tx) =>
      addJob(tx, print, { note: "n", ms: 1500 }),
    );
    const host = fork(fileURLToPath(new URL("../crash-host.ts", import.meta.url)), [url], { stdio: "inherit" });
    const locked = () =>
      owner.query(
        "select from graphile_worker._private_jobs where locked_at is not null and (payload->'data'->>'ms') = '1500'",
      );
    await expect.poll(async () => (await locked()).rowCount).toBe(1);
    host.kill("SIGKILL");
    await app.close();
    await build([notes], { database: { url } });
    const printed = () => owner.query("select from notes.effect where what = 'printed' and key = 'n'");
    await expect.poll(async () => (await printed()).rowCount).toBe(1);
  });

  test("of PostgreSQL under load, a backend of it and then all of it: what was answered is there, and has its effect once", async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    await administer(server, async (client) => {
      await client.query(`create role ${role.user} login createrole password '${role.password}'`);
      await client.query(`create database crash owner ${role.user}`);
    });
    const url = address(server, "crash");
    const app = await buildApp({
      version: "1",
      logLevel: "silent",
      services: [notes],
      database: { url },
      verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    });
    const owner = new pg.Pool({ connectionString: url, max: 2 });
    owner.on("error", () => {});
    onTestFinished(async () => {
      await app.close();
      await owner.end();
    });
    await app.ready();

    const { headers } = person();
    const written: string[] = [];
    const refused = new Set<number>();
    let stop = false;
    const write = async () => {
      while (!stop) {
        const answer = await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "print" } });
        if (answer.statusCode === 201) written.push(answer.json().id);
        else refused.add(answer.statusCode);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const writers = [write(), write(), write()];
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    await wait(700);
    const { rows } = await owner.query("select pid from pg_stat_activity where usename = 'crash_notes' limit 1");
    process.kill(rows[0].pid, "SIGKILL");
    await wait(1500);
    expect((await app.inject("/healthz")).statusCode).toBe(200);
    server.process.kill("SIGKILL");
    await wait(500);
    expect((await app.inject("/readyz")).statusCode).toBe(503);
    await server.restart();
    await wait(1500);
    stop = true;
    await Promise.all(writers);

    expect((await app.inject("/readyz")).statusCode).toBe(200);
    const kept = await owner.query("select id from notes.note where id = any ($1)", [written]);
    expect(kept.rowCount).toBe(written.length);
    expect(
      [...refused].every((status) => status === 503),
      `answered ${[...refused]}`,
    ).toBe(true);
    expect(await expectOnce(owner)).toBeGreaterThan(20);
  });
});
