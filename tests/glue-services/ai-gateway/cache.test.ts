import { describe, expect, test } from "vitest";
import { person } from "../build.ts";
import { localFiles, provider, type Rig, startGateway } from "./gateway.ts";
import { says, startUpstream } from "./upstream.ts";

async function start(cache: "exact" | "semantic", more: object = {}) {
  const upstream = await startUpstream();
  const rig = await startGateway({
    providers: [provider(upstream.url, { free: false })],
    ...(cache === "semantic" && { local: await localFiles() }),
  });
  await rig.ask("PUT", "/policy", { cache, ...more });
  await rig.ask("PUT", "/prices", { model: "mock/m", input: 1, output: 2 });
  const key = await rig.key();
  const ask = (content: string, other: object = {}, with_ = key) =>
    rig.post(with_, "/chat/completions", { model: "mock/m", messages: [{ role: "user", content }], ...other });
  return { upstream, rig, key, ask };
}

const kept = (rig: Rig, count: number) =>
  expect
    .poll(async () => Number((await rig.owner.query("select count(*) from ai_gateway.cached_answer")).rows[0].count))
    .toBe(count);

describe("the cache of answers", () => {
  test("the same question is answered once; the second answer costs nothing, counts, and says that it is kept", async () => {
    const { upstream, rig, ask } = await start("exact");
    const first = await ask("What is a lease?");
    await kept(rig, 1);
    const second = await ask("What is a lease?", { user: "somebody-else" });
    expect(second.body).toEqual(first.body);
    expect([first.headers.get("x-devflow-cache"), second.headers.get("x-devflow-cache")]).toEqual([null, "exact"]);
    expect(upstream.got).toHaveLength(1);
    const rows = await rig.usage(2);
    expect(rows.map(({ status, cost, input_tokens }) => [status, cost, input_tokens])).toEqual([
      ["ok", "20000", "10"],
      ["cached", "0", "10"],
    ]);
    await ask("What is a lease?", { temperature: 1 });
    expect(upstream.got).toHaveLength(2);
  });

  test("a streamed answer is given again as the same stream", async () => {
    const { upstream, rig, key } = await start("exact");
    const stream = async () => {
      const parts: string[] = [];
      const answer = await rig.openai(key).chat.completions.create({
        model: "mock/m",
        messages: [{ role: "user", content: "Stream it." }],
        stream: true,
      });
      for await (const chunk of answer) parts.push(chunk.choices[0]?.delta.content ?? "");
      return parts;
    };
    const first = await stream();
    await kept(rig, 1);
    expect(await stream()).toEqual(first);
    expect(upstream.got).toHaveLength(1);
    expect((await rig.usage(2)).map(({ status, streamed }) => [status, streamed])).toEqual([
      ["ok", true],
      ["cached", true],
    ]);
  });

  test("an answer of one organisation is never given to another", async () => {
    const { upstream, rig, ask } = await start("exact");
    await ask("Ours?");
    await kept(rig, 1);
    const stranger = person();
    const asStranger = async (method: "PUT" | "POST", path: string, payload: object) =>
      (await rig.app.inject({ method, url: `/api/ai${path}`, headers: stranger.headers, payload })).body;
    await asStranger("PUT", "/policy", { cache: "exact" });
    const { key } = JSON.parse(await asStranger("POST", "/keys", { name: "other" }));
    const answer = await ask("Ours?", {}, key);
    expect([answer.status, answer.headers.get("x-devflow-cache"), upstream.got.length]).toEqual([200, null, 2]);
  });

  test("a kept answer is checked against budgets of requests, and not refused for want of money", async () => {
    const { rig, ask } = await start("exact");
    await ask("Again?");
    await kept(rig, 1);
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "money", amount: 0.000001, period: "ever" });
    expect((await ask("Something new?")).status).toBe(429);
    expect((await ask("Again?")).status).toBe(200);
    await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 1, period: "ever" });
    expect((await ask("Again?")).status).toBe(200);
    expect((await ask("Again?")).status).toBe(429);
  });

  test("a key that may not use a model does not get its kept answers", async () => {
    const { rig, ask } = await start("exact");
    await ask("Allowed?");
    await kept(rig, 1);
    expect((await ask("Allowed?", {}, await rig.key({ models: ["mock/other"] }))).status).toBe(403);
  });

  test("no-cache asks anew, no-store keeps nothing, another policy forgets all", async () => {
    const { upstream, rig, key } = await start("exact");
    const ask = (control: string) =>
      fetch(`${rig.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "cache-control": control },
        body: JSON.stringify({ model: "mock/m", messages: [{ role: "user", content: "Fresh?" }] }),
      });
    await ask("no-store");
    await kept(rig, 0);
    await ask("max-age=9");
    await kept(rig, 1);
    await ask("no-cache");
    expect(upstream.got).toHaveLength(3);
    await rig.ask("PUT", "/policy", { cache: "exact", cacheSeconds: 5 });
    await kept(rig, 0);
  });

  test("an answer is forgotten after its time", async () => {
    const { upstream, rig, ask } = await start("exact", { cacheSeconds: 60 });
    await ask("Short?");
    await kept(rig, 1);
    const { rows } = await rig.owner.query("select expires_at - created_at as age from ai_gateway.cached_answer");
    expect(rows).toEqual([{ age: { minutes: 1 } }]);
    await rig.owner.query("update ai_gateway.cached_answer set expires_at = now()");
    await ask("Short?");
    expect(upstream.got).toHaveLength(2);
  });

  test("a question that means the same gets the kept answer, and one that only looks alike does not", async () => {
    const { upstream, rig, ask } = await start("semantic", { similarity: 0.85 });
    upstream.does(says("To the left of the door."));
    await ask("How do I reset my password?");
    await kept(rig, 1);
    const alike = await ask("How can I reset my password?");
    expect([alike.headers.get("x-devflow-cache"), upstream.got.length]).toEqual(["semantic", 1]);
    for (const other of [
      "How do I not reset my password?",
      "How do I reset my password in 2 minutes?",
      "How do I bake bread?",
    ]) {
      expect((await ask(other)).headers.get("x-devflow-cache"), other).toBe(null);
    }
    expect((await ask("How can I reset my password?", { temperature: 0.2 })).headers.get("x-devflow-cache")).toBe(null);
  });
});
