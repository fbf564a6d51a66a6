import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { migrate, readMigrations, withMigrationLock } from "../../../glue-services/kit/database/migrate.ts";
import { buildApp, type Service } from "../../../glue-services/kit/index.ts";
import { cloneDatabase } from "../build.ts";

/** A folder of migrations that a test writes as it goes. */
async function folder(): Promise<{ url: URL; write(name: string, sql: string): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "devflow-migrations-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return { url: pathToFileURL(`${path}/`), write: (name, sql) => writeFile(join(path, name), sql) };
}

async function bring(owner: pg.Pool, url: URL): Promise<string[]> {
  const client = await owner.connect();
  try {
    return await withMigrationLock(client, async () => {
      await client.query("create schema if not exists shop");
      return migrate(client, "shop", await readMigrations(url));
    });
  } finally {
    client.release(true);
  }
}

describe("migrations", () => {
  test("are applied once, in order, and only the new ones later", async () => {
    const { owner } = await cloneDatabase();
    const { url, write } = await folder();
    await write("0001-item.sql", "create table item (name text)");
    await write("0002-price.sql", "alter table item add price int");
    expect(await bring(owner, url)).toEqual(["0001-item.sql", "0002-price.sql"]);
    expect(await bring(owner, url)).toEqual([]);
    await write("0003-row.sql", "insert into item values ('pen', 2)");
    expect(await bring(owner, url)).toEqual(["0003-row.sql"]);
    expect((await owner.query("select * from shop.item")).rows).toEqual([{ name: "pen", price: 2 }]);
  });

  test("a failed one takes those of the same run back, says where it failed, and the old version works on", async () => {
    const { owner } = await cloneDatabase();
    const { url, write } = await folder();
    await write("0001-item.sql", "create table item (name text)");
    await bring(owner, url);
    await write("0002-more.sql", "create table more (name text)");
    await write("0003-broken.sql", "alter table item add price int;\nalter table itme drop name");
    await expect(bring(owner, url)).rejects.toThrow(/shop\/0003-broken\.sql failed.*itme.*Nothing was changed/);
    await owner.query("insert into shop.item (name) values ('pen')");
    const { rows } = await owner.query(
      "select to_regclass('shop.more') as more, count(*)::int as applied from devflow.migration where schema = 'shop'",
    );
    expect(rows).toEqual([{ more: null, applied: 1 }]);
    await write("0003-broken.sql", "alter table item add price int");
    expect(await bring(owner, url)).toEqual(["0002-more.sql", "0003-broken.sql"]);
  });

  test("an applied file that was changed, and a database of a newer version, are refused", async () => {
    const { owner } = await cloneDatabase();
    const older = await folder();
    const { url, write } = await folder();
    for (const one of [older.write, write]) await one("0001-item.sql", "create table item (name text)");
    await write("0002-price.sql", "alter table item add price int");
    await bring(owner, url);
    await expect(bring(owner, older.url)).rejects.toThrow(/0002-price\.sql, which this version does not know/);
    await write("0001-item.sql", "create table item (name varchar)");
    await expect(bring(owner, url)).rejects.toThrow(/0001-item\.sql was changed after/);
  });

  test("a gap in the numbers is refused before anything happens", async () => {
    const { url, write } = await folder();
    await write("0001-item.sql", "select 1");
    await write("0003-item.sql", "select 1");
    await expect(readMigrations(url)).rejects.toThrow(/0003-item\.sql should be number 2/);
  });

  test("two hosts that start at once apply each file once, and both serve", async () => {
    const { url: address, owner } = await cloneDatabase();
    const { url, write } = await folder();
    await write(
      "0001-slow.sql",
      "create table item (name text); insert into item values ('pen'); select pg_sleep(0.3)",
    );
    const shop: Service = {
      name: "shop",
      migrations: url,
      register: (app) =>
        void app.get(
          "/items",
          { auth: "public" },
          async () => (await app.database.pool.query("select * from item")).rows,
        ),
    };
    const start = () => buildApp({ version: "1", logLevel: "silent", services: [shop], database: { url: address } });
    const apps = await Promise.all([start(), start(), start()]);
    onTestFinished(async () => void (await Promise.all(apps.map((app) => app.close()))));
    for (const app of apps) expect((await app.inject("/items")).json()).toEqual([{ name: "pen" }]);
    expect(
      (await owner.query("select count(*)::int as n from devflow.migration where schema = 'shop'")).rows[0].n,
    ).toBe(1);
  });
});
