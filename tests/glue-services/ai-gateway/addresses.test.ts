import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { json, refuses, startUpstream } from "./upstream.ts";

async function start(kind = "openai-compatible") {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url, { kind })] });
  const key = await rig.key();
  const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${rig.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  return { upstream, rig, key, ask };
}

const anthropicError = (type: string) => ({ type: "error", error: { type, message: expect.any(String) } });

describe("addresses below /v1", () => {
  test("that nothing answers, or not so, or without a key, are errors in their API's own form", async () => {
    const { ask, rig } = await start();
    const cases: [string, string, number, object][] = [
      ["GET", "/v1/nothing", 404, { error: { code: "unknown_url", type: "not_found_error", param: null } }],
      ["POST", "/v1/threads/x/runs", 404, { error: { code: "unknown_url" } }],
      ["GET", "/v1/chat/completions", 405, { error: { code: "method_not_allowed" } }],
      ["DELETE", "/v1/models", 405, { error: { code: "method_not_allowed" } }],
      ["POST", "/v1/messages/batches", 404, anthropicError("not_found_error")],
      ["GET", "/v1/messages", 405, anthropicError("invalid_request_error")],
      ["GET", "/v1/messages/count_tokens", 405, anthropicError("invalid_request_error")],
    ];
    for (const [method, path, status, body] of cases) {
      const answer = await ask(path, { method });
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        status,
        expect.objectContaining(matching(body)),
      ]);
      if (status === 405) expect(answer.headers.get("allow")).toMatch(/^(GET|POST)$/);
    }
    const none = await fetch(`${rig.url}/v1/models`, { headers: { "anthropic-version": "2023-06-01" } });
    expect([none.status, await none.json()]).toEqual([401, anthropicError("authentication_error")]);
    const openai = await fetch(`${rig.url}/v1/models/smart`);
    expect([openai.status, (await openai.json()).error.code]).toEqual([401, "invalid_api_key"]);
    const typed = await ask("/v1/messages", { method: "POST", body: "x", headers: { "content-type": "text/plain" } });
    expect([typed.status, (await typed.json()).type]).toEqual([415, "error"]);
  });

  test("a model is found by its name, in the form of the API that asks", async () => {
    const { rig, key, upstream } = await start();
    upstream.does((_got, response) => json(response, 200, { object: "list", data: [{ id: "org/llama-3" }] }));
    const client = rig.openai(key);
    expect(await client.models.retrieve("mock/org/llama-3")).toMatchObject({ id: "mock/org/llama-3", object: "model" });
    expect(await client.models.retrieve("embed")).toMatchObject({ id: "embed", owned_by: "devflow" });
    await expect(client.models.retrieve("nobody")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const anthropic = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    expect(await anthropic.models.retrieve("embed")).toMatchObject({
      type: "model",
      id: "embed",
      display_name: "embed",
    });
    const listed = await anthropic.models.list();
    expect(listed.data.map(({ id }) => id)).toContain("mock/org/llama-3");
    expect(listed.hasNextPage()).toBe(false);
    await expect(anthropic.models.retrieve("nobody")).rejects.toMatchObject({ status: 404 });
  });

  test("a page of any origin may ask for what it may send, and read the answer with the key it has", async () => {
    const { ask, rig, upstream, key } = await start();
    for (const path of ["/v1/chat/completions", "/v1/messages", "/v1/models", "/v1/messages/count_tokens"]) {
      const answer = await fetch(`${rig.url}${path}`, {
        method: "OPTIONS",
        headers: {
          origin: "https://app.example.com",
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization, content-type, x-stainless-os",
        },
      });
      expect([path, answer.status]).toEqual([path, 204]);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.headers.get("access-control-allow-headers")).toContain("x-stainless-os");
      // Without it a browser sends no cookies along, so that no page acts as whoever is signed in.
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
    for (const stream of [false, true]) {
      const answer = await ask("/v1/chat/completions", {
        method: "POST",
        headers: { origin: "https://app.example.com", "content-type": "application/json" },
        body: JSON.stringify({ model: "mock/m", messages: question, stream }),
      });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
      await answer.text();
    }
    const plain = await rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
    expect(plain.headers.get("access-control-allow-origin")).toBeNull();
    expect(upstream.got.length).toBe(3);
  });
});

describe("counting a message's tokens", () => {
  const request = { model: "mock/m", messages: [{ role: "user" as const, content: "Say hello to everybody." }] };

  test("asks Anthropic where it answers the model, and says so", async () => {
    const { rig, key, upstream } = await start("anthropic");
    upstream.does((_got, response) => json(response, 200, { input_tokens: 42 }));
    const anthropic = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    expect(await anthropic.messages.countTokens(request)).toMatchObject({ input_tokens: 42 });
    expect(upstream.got[0]).toMatchObject({ path: "/v1/messages/count_tokens", body: { model: "m" } });
    const { headers } = await rig.post(key, "/messages/count_tokens", request);
    expect(headers.get("x-devflow-counted-by")).toBe("mock");
    upstream.does(refuses(400, "messages: wrong"));
    const wrong = await rig.post(key, "/messages/count_tokens", request);
    expect([wrong.status, wrong.body.error.message]).toEqual([400, "messages: wrong"]);
    upstream.does(refuses(529, "overloaded"));
    const counted = await rig.post(key, "/messages/count_tokens", request);
    expect([counted.status, counted.headers.get("x-devflow-counted-by")]).toEqual([200, "gateway"]);
  });

  test("counts itself for every other model, more for more, and asks no model", async () => {
    const { rig, key, upstream } = await start();
    const count = async (more: object) =>
      (await rig.post(key, "/messages/count_tokens", { ...request, ...more })).body.input_tokens;
    const plain = await count({});
    expect(plain).toBeGreaterThan(4);
    expect(plain).toBeLessThan(20);
    const tools = [
      {
        name: "weather",
        description: "Weather of a place",
        input_schema: { type: "object", properties: { place: { type: "string" } } },
      },
    ];
    expect(await count({ tools })).toBeGreaterThan(plain + 10);
    expect(await count({ system: "word ".repeat(1000) })).toBeGreaterThan(plain + 900);
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(50_000) } };
    expect(await count({ messages: [{ role: "user", content: [image] }] })).toBeLessThan(2000);
    const missing = await rig.post(key, "/messages/count_tokens", { ...request, model: "nobody" });
    expect([missing.status, missing.body]).toEqual([404, anthropicError("not_found_error")]);
    // For a name that nothing else knows its server's list is looked at, and no more.
    expect(upstream.got.map(({ path }) => path)).toEqual(["/v1/models"]);
  });
});

/** Fields of an error that are looked at; the others may be anything. */
function matching(body: object): object {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null ? expect.objectContaining(value) : value,
    ]),
  );
}
