import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { openSpool } from "../../../glue-services/ai-gateway/usage/spool.ts";
import { timeId } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { people, person } from "../build.ts";
import { startPostgres } from "../postgres-server.ts";
import { address, makeTemplate, template } from "../template.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { startUpstream } from "./upstream.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe("metering", () => {
  test("while PostgreSQL is away calls are answered, none is lost to metering, and each is written once (LiteLLM #20697)", async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    await makeTemplate(server);
    const upstream = await startUpstream();
    const spool = await folder();
    const app = await buildApp({
      version: "0.0.0-test",
      logLevel: "silent",
      services: [aiGateway({ spool, providers: [provider(upstream.url)], readKey: async () => "k" })],
      verify: async ({ headers }) => people.get(headers.authorization ?? ""),
      database: { url: address(server, template) },
    });
    onTestFinished(() => app.close());
    const { headers } = person();
    const made = await app.inject({ method: "POST", url: "/api/ai/keys", headers, payload: { name: "k" } });
    const call = () =>
      app.inject({
        method: "POST",
        url: "/v1/chat/completions",
        headers: { authorization: `Bearer ${made.json().key}` },
        payload: { model: "mock/m", messages: question },
      });
    expect((await call()).statusCode).toBe(200);
    server.process.kill("SIGKILL");
    const statuses = [];
    for (let i = 0; i < 40; i++) statuses.push((await call()).statusCode);
    expect(statuses.every((status) => status === 200)).toBe(true);
    await expect.poll(async () => (await readdir(spool)).length).toBeGreaterThan(0);
    await server.restart();
    const client = new pg.Pool({ connectionString: address(server, template), max: 1 });
    client.on("error", () => {});
    onTestFinished(() => client.end());
    const count = async () => Number((await client.query("select count(*) from ai_gateway.usage")).rows[0].count);
    await expect.poll(count).toBe(41);
    await expect.poll(async () => (await readdir(spool)).length).toBe(0);
    expect(await count()).toBe(41);
  });

  test("rows that are given twice are written once, with their budgets", async () => {
    const rig = await startGateway();
    const { organisation } = rig.admin.identity;
    const { id: budget } = await rig.ask<{ id: string }>("PUT", "/budgets", {
      level: "organisation",
      unit: "tokens",
      amount: 1000,
      period: "ever",
    });
    const row = {
      id: timeId(),
      organisation,
      at: new Date().toISOString(),
      request: timeId(),
      surface: "chat",
      asked: "a",
      provider: "p",
      model: "m",
      status: "ok",
      code: 200,
      input: 3,
      cached: 0,
      output: 4,
      estimated: false,
      cost: 5,
      streamed: false,
      ms: 6,
      ...{ budgets: `${budget} 0 ${timeId()} tokens`, money: 5, tokens: 7, requests: 1 },
    };
    for (let i = 0; i < 3; i++) {
      await rig.owner.query("select ai_gateway.meter($1::json)", [JSON.stringify([row, row])]);
    }
    const { rows } = await rig.owner.query(
      "select (select sum(spent) from ai_gateway.counter) as spent, (select sum(requests) from ai_gateway.usage_day) as requests",
    );
    expect(rows).toEqual([{ spent: "7", requests: "1" }]);
  });

  test("a key that was used before is known without asking the database, call after call", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    const ask = async () => (await rig.post(key, "/chat/completions", { model: "mock/m", messages: question })).status;
    expect(await ask()).toBe(200);
    await rig.owner.query("alter function ai_gateway.key_of rename to away");
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 200]);
    await rig.owner.query("alter function ai_gateway.away rename to key_of");
  });

  test("at its bound the spool is full, and calls are refused rather than left unmetered", async () => {
    const upstream = await startUpstream();
    const rig = await startGateway({ providers: [provider(upstream.url)], spoolBytes: 1 });
    const key = await rig.key();
    await rig.owner.query("alter function ai_gateway.meter rename to away");
    const body = { model: "mock/m", messages: question };
    expect((await rig.post(key, "/chat/completions", body)).status).toBe(200);
    const { status, body: said } = await rig.post(key, "/chat/completions", body);
    expect([status, said.error.code]).toEqual([503, "metering_full"]);
    await rig.owner.query("alter function ai_gateway.away rename to meter");
    await expect.poll(async () => (await rig.post(key, "/chat/completions", body)).status).toBe(200);
  });

  test("while the database is away what waits is on disk, not in memory, and drains in order afterwards (LiteLLM #38193)", async () => {
    const written: string[] = [];
    let away = true;
    const spool = await openSpool({
      folder: await folder(),
      bound: 64 * 1024 * 1024,
      every: 20,
      async write(rows) {
        if (away) throw new Error("away");
        written.push(...(JSON.parse(rows) as { n: string }[]).map(({ n }) => n));
      },
      failed() {},
    });
    onTestFinished(() => spool.close());
    const line = (n: number) => JSON.stringify({ n: String(n), text: "x".repeat(400) });
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 40_000; n++) {
      spool.add(line(n));
      if (n % 2000 === 1999) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await spool.drain().catch(() => {});
    expect(spool.bytes).toBeGreaterThan(16 * 1024 * 1024);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
    away = false;
    await spool.drain();
    expect(written).toHaveLength(40_000);
    expect(written).toEqual(Array.from({ length: 40_000 }, (_, n) => String(n)));
    expect(spool.bytes).toBe(0);
  });

  test("what a process that was killed left behind is written by the next one, half a line left out", async () => {
    const place = await folder();
    // No process has this number.
    await writeFile(join(place, "4194999-dead-00000000.open"), '{"n":1}\n{"n":2}\n{"n":');
    const written: string[] = [];
    const spool = await openSpool({
      folder: place,
      bound: 1e9,
      write: async (rows) => void written.push(rows),
      failed() {},
    });
    onTestFinished(() => spool.close());
    await spool.drain();
    expect(written).toEqual(['[{"n":1},{"n":2}]']);
    expect(await readdir(place)).toEqual([]);
  });
});
