import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { build, person } from "../build.ts";
import { secretsService } from "../secrets/service.ts";
import { type Answer, keyed, says, startUpstream } from "./upstream.ts";

const typed = "sk-live-a1b2c3d4e5f6";

async function start(answer: Answer) {
  const upstream = await startUpstream(answer);
  const { service } = await secretsService({});
  const { app } = await build([service, aiGateway({})]);
  const admin = person({ roles: ["platform-administrator"] });
  const send = async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) => {
    const response = await app.inject({ method, url, headers: admin.headers, ...(payload && { payload }) });
    return { status: response.statusCode, body: response.body ? response.json() : undefined, text: response.body };
  };
  const provider = { name: "mock", kind: "openai-compatible", baseUrl: upstream.url, key: "MOCK_API_KEY" };
  const stateOf = async (name: string) =>
    (await send("GET", "/api/ai/providers")).body.find((one: { name: string }) => one.name === name);
  return { upstream, app, admin, send, provider, stateOf };
}

const chat = (model: string) => ({ model, messages: [{ role: "user", content: "hi" }] });

test("a key is tried as it was typed, and what the provider said comes back without the key", async () => {
  const { send, provider, upstream } = await start(keyed(typed));
  const attempt = (value: string | undefined, more = {}) =>
    send("POST", "/api/ai/providers/check", { ...provider, ...more, ...(value && { value }) });
  expect((await attempt(typed)).body).toEqual({ state: "answers", said: null, models: ["small", "org/large"] });
  const wrong = await attempt("sk-wrong-000000");
  expect(wrong.body).toMatchObject({ state: "refused", models: [] });
  expect(wrong.body.said).toBe("Incorrect API key provided: …. (status 401)");
  expect((await attempt(undefined)).body.state).toBe("missing");
  expect((await attempt(`${typed}\nsecond line`)).body.error.message).toMatch(/spaces or characters/);
  // As a paste leaves it.
  expect((await attempt(` ${typed}\n`)).body.state).toBe("answers");
  const nobody = await attempt(typed, { baseUrl: "http://127.0.0.1:1/v1" });
  expect(nobody.body).toMatchObject({ state: "failing", said: "Nothing listens at the address." });
  expect(JSON.stringify((await send("GET", "/api/secrets")).body)).not.toContain("MOCK_API_KEY");
  expect(upstream.got.length).toBeGreaterThan(0);
});

test("a list of models that everybody may read proves no key", async () => {
  const { send, provider } = await start(keyed(typed, { openList: true }));
  const attempt = (value: string) => send("POST", "/api/ai/providers/check", { ...provider, value });
  expect((await attempt("sk-wrong-000000")).body.state).toBe("refused");
  expect((await attempt(typed)).body.state).toBe("answers");
});

test("a provider without its key is marked, offers nothing, is no part of a route that nobody set, and comes to life with its key", async () => {
  const { send, provider, stateOf } = await start(keyed(typed));
  await send("PUT", "/api/ai/providers", provider);
  await send("PUT", "/api/ai/providers", { name: "openai", kind: "openai", key: "OPENAI_API_KEY" });
  expect([(await stateOf("mock")).state, (await stateOf("openai")).state]).toEqual(["missing", "missing"]);
  expect((await send("GET", "/api/ai/models")).text).not.toMatch(/openai\/|"smart"|mock\//);
  expect((await send("GET", "/api/ai/routes")).text).not.toContain("smart");
  for (const [model, name] of [
    ["smart", "openai"],
    ["openai/gpt-5.1", "openai"],
    ["mock/small", "mock"],
  ] as const) {
    const refused = await send("POST", "/v1/chat/completions", chat(model));
    expect([refused.status, refused.body.error.code]).toEqual([503, "provider_key_missing"]);
    expect(refused.body.error.message).toBe(
      `Key missing for ${name}. Set it on the page Models, or choose a model of another provider.`,
    );
  }

  await send("PUT", "/api/secrets/MOCK_API_KEY", { value: typed });
  await expect.poll(async () => (await send("POST", "/v1/chat/completions", chat("mock/small"))).status).toBe(200);
  expect(await stateOf("mock")).toMatchObject({ state: "answers", said: null });
  expect((await send("GET", "/api/ai/models")).text).toContain("mock/small");

  // A key that is replaced is used at once, and one that is refused says so.
  await send("PUT", "/api/secrets/MOCK_API_KEY", { value: "sk-wrong-000000" });
  await expect.poll(async () => (await send("POST", "/api/ai/providers/mock/check")).body.state).toBe("refused");
  const after = await stateOf("mock");
  expect(after.state).toBe("refused");
  expect(after.said).not.toContain("sk-wrong-000000");
  await send("DELETE", "/api/secrets/MOCK_API_KEY");
  await expect.poll(async () => (await stateOf("mock")).state).toBe("missing");
});

test("a provider's state is what the last call of a real program came to", async () => {
  const { send, provider, stateOf, upstream } = await start(keyed(typed));
  await send("PUT", "/api/secrets/MOCK_API_KEY", { value: typed });
  await send("PUT", "/api/ai/providers", provider);
  expect((await stateOf("mock")).state).toBe("unknown");
  expect((await send("POST", "/v1/chat/completions", chat("mock/small"))).status).toBe(200);
  expect((await stateOf("mock")).state).toBe("answers");
  upstream.does(keyed("another"));
  expect((await send("POST", "/v1/chat/completions", chat("mock/small"))).status).toBe(502);
  expect((await stateOf("mock")).state).toBe("refused");
});

test.each([
  [
    "openai/gpt-5.mock/mock-large",
    "openai has no model gpt-5.mock/mock-large: a target is one provider and one of its models.",
  ],
  ["nobody/gpt-5", "There is no provider nobody."],
  ["gpt", "gpt names no provider: a target is provider/model."],
  ["mock/", "mock/ names no model: a target is provider/model."],
  ["mock/a b", "mock/a b names no model: a target is provider/model."],
  ["local/other", "There is no model local/other: only local/multilingual-e5-small runs here."],
  ["mock/org/large", undefined],
  ["openai/ft:gpt-4o:acme::abc", undefined],
  ["gpt-5.1", undefined],
])("a route to %s is refused with: %s", async (model, problem) => {
  const { send, provider } = await start(says("Hello."));
  await send("PUT", "/api/ai/providers", provider);
  await send("PUT", "/api/ai/providers", { name: "openai", kind: "openai", key: "OPENAI_API_KEY" });
  const answer = await send("PUT", "/api/ai/routes/own", { targets: [{ model }] });
  expect([answer.status, answer.body?.error.message]).toEqual([problem ? 400 : 204, problem]);
});
