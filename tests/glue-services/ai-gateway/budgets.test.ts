import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { type App, buildApp } from "../../../glue-services/kit/index.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import { people } from "../build.ts";
import { plantProject } from "../projects/plant.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { cutsAfter, deltas, event, refuses, says, startUpstream } from "./upstream.ts";

const chat = { model: "mock/small", messages: question, max_tokens: 5 };

/** Dollars a million tokens: with 10 tokens read and 5 written a call costs 20 nano-dollars × 1000. */
const price = { model: "mock/small", input: 1, output: 2 };
const perCall = 20e-6;

async function priced(options: Parameters<typeof startUpstream>[0] = says("hi", { input: 10, output: 5 })) {
  const upstream = await startUpstream(options);
  const rig = await startGateway({ services: [projects()], providers: [provider(upstream.url, { free: false })] });
  await rig.ask("PUT", "/prices", price);
  return { upstream, rig, key: await rig.key() };
}

type Rig = Awaited<ReturnType<typeof priced>>["rig"];

async function spent(rig: Rig): Promise<number> {
  const { rows } = await rig.owner.query("select coalesce(sum(spent), 0) as spent from ai_gateway.counter");
  return Number(rows[0].spent);
}

/** Another host on the same database. */
async function secondHost(rig: Rig, upstream: string): Promise<App> {
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  const other = await buildApp({
    version: "0.0.0-test",
    logLevel: "silent",
    services: [aiGateway({ providers: [provider(upstream, { free: false })], spool, readKey: async () => "k" })],
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    database: { url: rig.database },
  });
  onTestFinished(() => other.close());
  await other.ready();
  return other;
}

describe("budgets", () => {
  test("200 calls at once use a budget of requests up exactly, and not once more (LiteLLM #26672)", async () => {
    const { rig, key, upstream } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 120, period: "day" });
    const answers = await Promise.all(Array.from({ length: 200 }, () => rig.post(key, "/chat/completions", chat)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(120);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(80);
    expect(upstream.got).toHaveLength(120);
    await rig.usage(120);
    await expect.poll(() => spent(rig)).toBe(120);
  });

  test("200 calls at once of every kind, with a failing provider before them, use one budget up exactly", async () => {
    const [broken, upstream] = [await startUpstream(refuses(503)), await startUpstream(says("hi"))];
    const rig = await startGateway({
      providers: [provider(broken.url, { name: "broken" }), provider(upstream.url, { name: "good" })],
    });
    await rig.ask("PUT", "/routes/both", {
      targets: [{ model: "broken/a" }, { model: "good/b", group: 1 }],
      options: { retries: 0 },
    });
    await rig.ask("PUT", "/policy", { cache: "exact" });
    const key = await rig.key();
    const cached = { model: "good/b", messages: [{ role: "user", content: "kept" }] };
    await rig.post(key, "/chat/completions", cached);
    await expect.poll(async () => (await rig.owner.query("select from ai_gateway.cached_answer")).rowCount).toBe(1);
    await rig.usage(1);
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 130, period: "day" });
    const kinds = [
      (at: number) => rig.post(key, "/chat/completions", { ...chat, model: "both", user: `${at}`, seed: at }),
      (at: number) => rig.post(key, "/chat/completions", { ...chat, model: "both", stream: true, seed: at }),
      (at: number) => rig.post(key, "/embeddings", { model: "good/e", input: `text ${at}` }),
      () => rig.post(key, "/chat/completions", cached),
      (at: number) => rig.post(key, "/messages", { ...chat, model: "both", temperature: at / 200 }),
    ];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => kinds[at % kinds.length]?.(at)));
    expect(answers.filter((one) => one?.status === 200)).toHaveLength(130);
    expect(answers.filter((one) => one?.status === 429)).toHaveLength(70);
    await expect.poll(() => spent(rig)).toBe(130);
    const counted = "select count(*) from ai_gateway.usage where status <> 'failed'";
    await expect.poll(async () => Number((await rig.owner.query(counted)).rows[0].count)).toBe(131);
  });

  test("a budget of a provider holds for all of its models (LiteLLM #38176)", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/budgets", {
      level: "organisation",
      model: "mock/*",
      unit: "requests",
      amount: 1,
      period: "day",
    });
    expect((await rig.post(key, "/chat/completions", chat)).status).toBe(200);
    expect((await rig.post(key, "/chat/completions", { ...chat, model: "mock/other" })).status).toBe(429);
  });

  test("two processes that share a budget of money never spend more than it together", async () => {
    const { rig, key, upstream } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "money", amount: 100 * perCall, period: "month" });
    const other = await secondHost(rig, upstream.url);
    const send = (at: number) =>
      (at % 2 ? rig.app : other).inject({
        method: "POST",
        url: "/v1/chat/completions",
        headers: { authorization: `Bearer ${key}` },
        payload: chat,
      });
    const answers = await Promise.all(Array.from({ length: 240 }, (_, at) => send(at)));
    const good = answers.filter(({ statusCode }) => statusCode === 200).length;
    expect(good).toBe(upstream.got.length);
    await rig.usage(good);
    expect(await spent(rig)).toBeLessThanOrEqual(100 * perCall * 1e9);
    // What is held in reserve for answers as long as they may be is free again afterwards: nothing stays unusable.
    for (let tries = 0; tries < 400 && upstream.got.length < 100; tries++) await send(tries);
    await rig.usage(upstream.got.length);
    await expect.poll(() => spent(rig)).toBeGreaterThanOrEqual(95 * perCall * 1e9);
    expect(await spent(rig)).toBeLessThanOrEqual(100 * perCall * 1e9);
  });

  test("what one host spends, and a budget that is raised or a key that is revoked there, holds at another", async () => {
    const { rig, key, upstream } = await priced();
    const budget = { level: "organisation", unit: "requests", period: "day" };
    await rig.ask("PUT", "/budgets", { ...budget, amount: 20 });
    const other = await secondHost(rig, upstream.url);
    const there = (using = key) =>
      other.inject({
        method: "POST",
        url: "/v1/chat/completions",
        headers: { authorization: `Bearer ${using}` },
        payload: chat,
      });
    for (let n = 0; n < 20; n++) expect((await rig.post(key, "/chat/completions", chat)).status).toBe(200);
    // What is spent is counted where both look: not one call more, at once.
    expect((await there()).statusCode).toBe(429);
    await rig.usage(20);
    const listed = async () => {
      const answer = await other.inject({ method: "GET", url: "/api/ai/budgets", headers: rig.admin.headers });
      return (answer.json() as { spent: number }[])[0]?.spent;
    };
    await expect.poll(listed).toBe(20);
    await rig.ask("PUT", "/budgets", { ...budget, amount: 25 });
    await expect.poll(async () => (await there()).statusCode).toBe(200);
    const second = await rig.ask<{ key: string; id: string }>("POST", "/keys", { name: "second" });
    expect((await there(second.key)).statusCode).toBe(200);
    await rig.ask("DELETE", `/keys/${second.id}`);
    await expect.poll(async () => (await there(second.key)).statusCode).toBe(401);
  });

  test("a limit of requests a minute holds over two hosts together", async () => {
    const { rig, key, upstream } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 60, period: "minute" });
    const other = await secondHost(rig, upstream.url);
    const start = Math.floor(Date.now() / 60_000);
    const answers = await Promise.all(
      Array.from({ length: 160 }, (_, at) =>
        (at % 2 ? rig.app : other).inject({
          method: "POST",
          url: "/v1/chat/completions",
          headers: { authorization: `Bearer ${key}` },
          payload: chat,
        }),
      ),
    );
    const minutes = Math.floor(Date.now() / 60_000) - start + 1;
    const good = answers.filter(({ statusCode }) => statusCode === 200).length;
    expect(good).toBeGreaterThanOrEqual(60);
    expect(good).toBeLessThanOrEqual(60 * minutes);
    const refused = answers.find(({ statusCode }) => statusCode === 429);
    if (minutes === 1) expect(Number(refused?.headers["retry-after"])).toBeLessThanOrEqual(60);
  });

  test("what a host that was killed held in reserve is free for the others a minute later", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 10, period: "day" });
    const [{ id }] = (await rig.owner.query("select id from ai_gateway.budget")).rows as [{ id: string }];
    const gone = randomUUID();
    const day = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000);
    await rig.owner.query("select * from ai_gateway.take_lease($1, $2, $3, 10, 10)", [id, day, gone]);
    expect((await rig.post(key, "/chat/completions", chat)).status).toBe(429);
    await rig.owner.query("update ai_gateway.holder set seen_at = now() - interval '61 seconds' where id = $1", [gone]);
    await expect.poll(async () => (await rig.post(key, "/chat/completions", chat)).status).toBe(200);
  });

  test("a reservation is released when every provider fails (LiteLLM #38111)", async () => {
    const { rig, key, upstream } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 3, period: "ever" });
    upstream.does(refuses(400, "bad question"));
    for (let i = 0; i < 10; i++) expect((await rig.post(key, "/chat/completions", chat)).status).toBe(400);
    upstream.does(says("hi"));
    for (let i = 0; i < 3; i++) expect((await rig.post(key, "/chat/completions", chat)).status).toBe(200);
    expect((await rig.post(key, "/chat/completions", chat)).body.error.code).toBe("insufficient_quota");
  });

  test("a reservation is settled when a stream is cut, with what was streamed", async () => {
    const { rig, key, upstream } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 100_000, period: "ever" });
    upstream.does(cutsAfter(...deltas("one two three four")));
    await rig.post(key, "/chat/completions", { ...chat, stream: true });
    const [row] = await rig.usage(1);
    expect(row).toMatchObject({ status: "cut", estimated: true });
    expect(Number(row?.output_tokens)).toBe(4);
    await expect.poll(() => spent(rig)).toBe(Number(row?.input_tokens) + 4);
  });

  test("stale spend does not reject a valid key: a raised budget holds at once (LiteLLM #27735)", async () => {
    const { rig, key } = await priced();
    const budget = { level: "organisation", unit: "requests", period: "day" };
    await rig.ask("PUT", "/budgets", { ...budget, amount: 1 });
    expect((await rig.post(key, "/chat/completions", chat)).status).toBe(200);
    expect((await rig.post(key, "/chat/completions", chat)).status).toBe(429);
    await rig.ask("PUT", "/budgets", { ...budget, amount: 5 });
    await expect.poll(async () => (await rig.post(key, "/chat/completions", chat)).status).toBe(200);
  });

  test("a streamed call costs what a whole one costs, and never nothing (LiteLLM #37923)", async () => {
    const { rig, key } = await priced();
    await rig.post(key, "/chat/completions", chat);
    await rig.post(key, "/chat/completions", { ...chat, stream: true });
    const rows = await rig.usage(2);
    expect(rows.map(({ cost }) => Number(cost))).toEqual([20_000, 20_000]);
  });

  test("a stream whose provider counts nothing is estimated, and costs something", async () => {
    const { rig, key, upstream } = await priced();
    upstream.does(says("one two three", { usage: false }));
    await rig.post(key, "/chat/completions", { ...chat, stream: true });
    const [row] = await rig.usage(1);
    expect(row).toMatchObject({ estimated: true });
    expect(Number(row?.cost)).toBeGreaterThan(0);
  });

  test("responses, messages and embeddings count against the same budget as chats (LiteLLM #38176)", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 3, period: "day" });
    const responses = await rig.post(key, "/responses", { model: "mock/small", input: "hi" });
    const messages = await rig.post(key, "/messages", { ...chat, messages: question });
    const embeddings = await rig.post(key, "/embeddings", { model: "mock/small", input: "hi" });
    expect([responses.status, messages.status, embeddings.status]).toEqual([200, 200, 200]);
    for (const path of ["/responses", "/messages", "/embeddings", "/chat/completions"]) {
      expect((await rig.post(key, path, { ...chat, input: "hi" })).status).toBe(429);
    }
  });

  test("a free model with a paid fallback does not go past the budget (LiteLLM #41379)", async () => {
    const paid = await startUpstream(says("paid", { input: 10, output: 5 }));
    const free = await startUpstream(refuses(500));
    const rig = await startGateway({
      providers: [provider(free.url, { name: "free", free: true }), provider(paid.url, { free: false })],
    });
    await rig.ask("PUT", "/prices", price);
    await rig.ask("PUT", "/routes/mixed", {
      targets: [{ model: "free/x" }, { model: "mock/small", group: 1 }],
      options: { retries: 0 },
    });
    await rig.ask("PUT", "/budgets", {
      level: "organisation",
      unit: "money",
      amount: 2 * 1.6 * perCall,
      period: "day",
    });
    const key = await rig.key();
    const statuses = [];
    for (let i = 0; i < 5; i++)
      statuses.push((await rig.post(key, "/chat/completions", { ...chat, model: "mixed" })).status);
    expect(statuses.at(0)).toBe(200);
    expect(statuses.at(-1)).toBe(429);
    await rig.usage(5 + paid.got.length);
    expect(await spent(rig)).toBeLessThanOrEqual(2 * 1.6 * perCall * 1e9);
  });

  test("a budget of a model holds under the route's name, and under the name of what answers (LiteLLM #25549)", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/routes/alias", { targets: [{ model: "mock/small" }] });
    await rig.ask("PUT", "/budgets", {
      level: "organisation",
      model: "mock/small",
      unit: "requests",
      amount: 1,
      period: "day",
    });
    expect((await rig.post(key, "/chat/completions", { ...chat, model: "alias" })).status).toBe(200);
    expect((await rig.post(key, "/chat/completions", { ...chat, model: "alias" })).status).toBe(429);
    expect((await rig.post(key, "/chat/completions", { ...chat, model: "mock/other" })).status).toBe(200);
  });

  test("budgets hold on each level: organisation, project and key (Portkey #360: to be paid for)", async () => {
    const { rig } = await priced();
    const project = await plantProject(rig.owner, rig.admin.identity.organisation);
    const made = await rig.ask<{ id: string; key: string }>("POST", "/keys", { name: "limited", project });
    const other = await rig.key({ project });
    const outside = await rig.key();
    await rig.ask("PUT", "/budgets", { level: "key", subject: made.id, unit: "requests", amount: 1, period: "day" });
    await rig.ask("PUT", "/budgets", {
      level: "project",
      subject: project,
      unit: "requests",
      amount: 2,
      period: "day",
    });
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 3, period: "day" });
    const statuses = [];
    for (const key of [made.key, made.key, other, other, outside, outside]) {
      statuses.push((await rig.post(key, "/chat/completions", chat)).status);
    }
    expect(statuses).toEqual([200, 429, 200, 429, 200, 429]);
  });

  test("a model of which nobody knows the price is refused where a budget of money holds", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "money", amount: 1, period: "day" });
    const { status, body } = await rig.post(key, "/chat/completions", { ...chat, model: "mock/unheard-of" });
    expect([status, body.error.code]).toEqual([400, "price_unknown"]);
  });

  test("a field of a budget that does not exist is refused rather than ignored (Bifrost #5673)", async () => {
    const { rig } = await priced();
    const wrong = { level: "organisation", unit: "requests", amount: 1, period: "day", limit: 5 };
    await expect(rig.ask("PUT", "/budgets", wrong)).rejects.toThrow("400");
  });

  test("a rate of requests a minute begins anew with the next minute", async () => {
    const { rig, key } = await priced();
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 1, period: "minute" });
    const statuses: number[] = [];
    let headers = new Headers();
    // The minute may turn between two of them.
    while (!statuses.includes(429)) {
      const answer = await rig.post(key, "/chat/completions", chat);
      statuses.push(answer.status);
      headers = answer.headers;
    }
    expect(statuses.length).toBeLessThanOrEqual(4);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(60);
  });
});

test("an event without choices that carries an error ends the stream as an error", async () => {
  const { rig, key, upstream } = await priced();
  upstream.does(cutsAfter(...deltas("one two"), event({ error: { message: "overloaded" } })));
  const { body } = await rig.post(key, "/chat/completions", { ...chat, stream: true });
  expect(body).toContain("overloaded");
  expect(body).not.toContain("[DONE]");
});
