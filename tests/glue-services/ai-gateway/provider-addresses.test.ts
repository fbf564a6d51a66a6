import { expect, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { baseOf } from "../../../glue-services/ai-gateway/providers/base.ts";
import type { ProviderKind } from "../../../glue-services/ai-gateway/schemas.ts";
import { build, person } from "../build.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { json, keyed, startUpstream } from "./upstream.ts";

test.each<[ProviderKind, string | undefined, string]>([
  ["anthropic", undefined, "https://api.anthropic.com/v1"],
  ["anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1"],
  ["anthropic", "https://api.anthropic.com/", "https://api.anthropic.com/v1"],
  ["anthropic", "https://api.anthropic.com/v1/", "https://api.anthropic.com/v1"],
  ["anthropic", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"],
  ["anthropic", "https://models.example/anthropic", "https://models.example/anthropic/v1"],
  ["anthropic", "https://models.example/v1beta", "https://models.example/v1beta"],
  ["openai", "https://api.openai.com", "https://api.openai.com/v1"],
  ["openai", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"],
  ["openai", "https://eu.example.com/openai", "https://eu.example.com/openai"],
  ["openai", "https://name.openai.azure.com", "https://name.openai.azure.com/openai/v1"],
  [
    "openai",
    "https://name.openai.azure.com?api-version=2024-10-21",
    "https://name.openai.azure.com/?api-version=2024-10-21",
  ],
  ["google", "https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta/openai"],
  [
    "google",
    "https://generativelanguage.googleapis.com/v1beta/",
    "https://generativelanguage.googleapis.com/v1beta/openai",
  ],
  [
    "google",
    "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "https://generativelanguage.googleapis.com/v1beta/openai",
  ],
  ["openai-compatible", "http://127.0.0.1:11434/v1//", "http://127.0.0.1:11434/v1"],
  ["openai-compatible", "http://127.0.0.1:8000/v1/completions", "http://127.0.0.1:8000/v1"],
  // Some servers of OpenAI's API have it at their root.
  ["openai-compatible", "https://models.example", "https://models.example/"],
  ["bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com/", "https://bedrock-runtime.eu-west-1.amazonaws.com/"],
])("a provider of kind %s that is written as %s is asked below %s", (kind, written, base) => {
  expect(baseOf(kind, written).href).toBe(base);
});

test("a provider of Anthropic's API is reached with and without the version in its address, also below a path", async () => {
  const upstream = await startUpstream((_got, response) =>
    json(response, 200, {
      ...{ id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "end_turn", stop_sequence: null },
      ...{ content: [{ type: "text", text: "Hello." }], usage: { input_tokens: 1, output_tokens: 1 } },
    }),
  );
  const root = upstream.url.replace(/\/v1$/, "");
  const addresses = [root, `${root}/`, `${root}/v1`, `${root}/v1/messages`, `${root}/api/anthropic`];
  const kind = "anthropic" as const;
  const providers = addresses.map((baseUrl, at) => ({ ...provider(baseUrl), name: `p${at}`, kind }));
  const rig = await startGateway({ providers });
  const key = await rig.key();
  for (const { name } of providers) {
    const body = { model: `${name}/m`, max_tokens: 5, messages: question };
    expect((await rig.post(key, "/messages", body)).status).toBe(200);
    expect((await rig.post(key, "/chat/completions", body)).status).toBe(200);
  }
  const below = ["/v1/messages", "/v1/messages", "/v1/messages", "/v1/messages", "/api/anthropic/v1/messages"];
  expect(upstream.got.map(({ path }) => path)).toEqual(below.flatMap((path) => [path, path]));
});

test("a test of a provider says where its API is when the version was left out, and knows a server of Anthropic's API without a list of models", async () => {
  const upstream = await startUpstream((got, response) => {
    if (got.path.startsWith("/v1/")) return keyed("sk-right")(got, response);
    if (got.path === "/anthropic/v1/messages") {
      const known = got.headers["x-api-key"] === "sk-right";
      const error = { type: known ? "invalid_request_error" : "authentication_error", message: "no" };
      return json(response, known ? 400 : 401, { type: "error", error });
    }
    return json(response, 404, { error: "not found" });
  });
  const root = upstream.url.replace(/\/v1$/, "");
  const { app } = await build([aiGateway({})]);
  const { headers } = person({ roles: ["platform-administrator"] });
  const check = async (payload: object) => {
    const answer = await app.inject({ method: "POST", url: "/api/ai/providers/check", headers, payload });
    return answer.json();
  };
  const own = { name: "own", kind: "openai-compatible", baseUrl: root };
  for (const value of ["sk-right", "sk-wrong"]) {
    expect(await check({ ...own, value })).toMatchObject({
      state: "failing",
      said: `Nothing at this address speaks the API, but at ${root}/v1 it is spoken: enter that.`,
    });
  }
  expect(await check({ ...own, baseUrl: `${root}/other`, value: "sk-right" })).toMatchObject({
    said: "Nothing at this address speaks the API: check the address.",
  });
  const imitates = { name: "own", kind: "anthropic", baseUrl: `${root}/anthropic` };
  expect((await check({ ...imitates, value: "sk-right" })).state).toBe("answers");
  expect((await check({ ...imitates, value: "sk-wrong" })).state).toBe("refused");
});
