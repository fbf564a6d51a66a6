import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { postgresDatabase } from "../../../components/provider/postgres-database.ts";
import type { Context } from "../../../components/provider/provider.ts";
import { envFileStore } from "../../../installer/secrets/env-file.ts";
import { finish, type Rotation, rotate, unfinished } from "../../../installer/secrets/rotation/rotate.ts";
import { sharedServer } from "../../glue-services/build.ts";

/** A database whose resource is brought up to date from the store, as the engine does it. */
async function stack() {
  const server = await sharedServer();
  const folder = await mkdtemp(join(tmpdir(), "devflow-rotate-"));
  const database = `r${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const name = `postgres/${database}`;
  const store = envFileStore(join(folder, "secrets.env"));
  await store.set(name, "the first password of it");
  const context = {} as Context;
  const inputs = async () => ({
    server: { host: "127.0.0.1", port: server.port, user: server.superuser, password: server.password },
    name: database,
    password: (await store.get(name)) ?? "",
    previous: (await store.get(`${name}--former`)) ?? "",
    extensions: [],
  });
  let old = { inputs: await inputs(), outputs: (await postgresDatabase.create(await inputs(), context)).outputs };
  onTestFinished(async () => {
    await postgresDatabase.delete(database, old.inputs, old.outputs, context);
    await rm(folder, { recursive: true, force: true });
  });
  const login = () => ({
    host: "127.0.0.1",
    port: server.port,
    database,
    user: old.outputs.user,
    password: old.inputs.password,
  });
  const steps: string[] = [];
  const rotation: Rotation = {
    store,
    ports: { postgres: server.port, code: 0, storage: 0 },
    report: (step) => steps.push(step),
    async apply() {
      const next = await inputs();
      const outputs = await postgresDatabase.update?.(database, next, old, context);
      if (outputs) old = { inputs: next, outputs };
    },
  };
  return { database, name, store, rotation, login, steps };
}

async function enters(login: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(login);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (error) {
    expect((error as { code: string }).code).toBe("28P01");
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

test("both logins are valid while a rotation is under way, sessions stay, and what is made belongs to the owner", async () => {
  const { rotation, name, login, database } = await stack();
  const first = login();
  const staying = new pg.Client(first);
  await staying.connect();
  const seen: boolean[] = [];
  const { apply } = rotation;
  rotation.apply = async () => {
    await apply();
    seen.push(await enters(first), await enters(login()));
  };
  await rotate(rotation, name);
  expect(seen).toEqual([true, true, false, true]);
  expect((await staying.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await staying.end();
  const second = new pg.Client(login());
  await second.connect();
  await second.query("create table made (id int)");
  const { rows } = await second.query(
    "select tableowner, current_user, session_user from pg_tables where tablename = 'made'",
  );
  await second.end();
  expect(rows).toEqual([{ tableowner: database, current_user: database, session_user: `${database}__2` }]);
  rotation.apply = apply;
  await rotate(rotation, name);
  expect(login().user).toBe(database);
  expect(await unfinished(rotation.store)).toEqual([]);
});

test("a rotation that fails is taken back, and whoever has the former value never notices", async () => {
  const { rotation, name, login, store, steps } = await stack();
  const first = login();
  const { apply } = rotation;
  let calls = 0;
  rotation.apply = async () => {
    await apply();
    if (calls++ === 0) throw new Error("the component did not come back");
    expect(await enters(first)).toBe(true);
  };
  await expect(rotate(rotation, name)).rejects.toThrow(/could not be rotated: the component did not come back/);
  expect(steps.join("\n")).toContain("taking it back");
  expect(await store.get(name)).toBe(first.password);
  expect([await unfinished(store), await enters(first), login().password]).toEqual([[], true, first.password]);
});

test("a rotation that was killed at any step is finished by the next one", async () => {
  for (const survives of [0, 1]) {
    const { rotation, name, login, store } = await stack();
    const first = login();
    const { apply } = rotation;
    // The process ends where this never returns.
    let calls = 0;
    const killed = new Promise<void>((resolve) => {
      rotation.apply = async () => {
        if (calls++ < survives) return apply();
        resolve();
        return new Promise(() => {});
      };
    });
    void rotate(rotation, name).catch(() => {});
    await killed;
    expect(await enters(first)).toBe(true);
    const left = await unfinished(store);
    rotation.apply = apply;
    if (survives === 0) {
      expect(left).toEqual([name]);
      await finish(rotation, name);
    } else await apply();
    expect([await enters(first), await enters(login()), await unfinished(store)]).toEqual([false, true, []]);
  }
});
