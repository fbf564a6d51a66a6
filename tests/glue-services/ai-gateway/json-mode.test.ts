import { describe, expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { type Answer, json, says, startUpstream } from "./upstream.ts";

const object = '{"answer":42}';
const told = /one JSON object and nothing else/;

/** Each kind of provider with how it answers, and where it finds that JSON is wanted. */
const kinds: {
  kind: string;
  path: string;
  answers: Answer;
  wants(body: Record<string, unknown>): void;
}[] = [
  ...["openai", "openai-compatible", "google"].map((kind) => ({
    kind,
    path: "/v1",
    answers: says(object),
    wants: (body: Record<string, unknown>) => expect(body.response_format).toEqual({ type: "json_object" }),
  })),
  {
    kind: "anthropic",
    path: "/v1",
    answers: (_got, response) =>
      json(response, 200, {
        id: "1",
        model: "m",
        content: [{ type: "text", text: object }],
        stop_reason: "end_turn",
        usage: { input_tokens: 1, output_tokens: 1 },
      }),
    wants: (body) => {
      expect(body.system).toMatch(told);
      // What the caller said stays, and no tool is invented: it has no switch for JSON of any form.
      expect([body.system, body.tools]).toEqual([expect.stringContaining("Be brief."), undefined]);
    },
  },
  {
    kind: "bedrock",
    path: "",
    answers: (_got, response) =>
      json(response, 200, {
        output: { message: { role: "assistant", content: [{ text: object }] } },
        stopReason: "end_turn",
        usage: { inputTokens: 1, outputTokens: 1 },
      }),
    wants: (body) => {
      expect(body.system).toEqual([{ text: "Be brief." }, { text: expect.stringMatching(told) }]);
      expect(body.toolConfig).toBeUndefined();
    },
  },
];

describe("JSON mode", () => {
  test.each(kinds)("reaches a provider of the kind $kind, from chats and from responses", async (one) => {
    const upstream = await startUpstream(one.answers);
    const baseUrl = upstream.url.replace(/\/v1$/, one.path);
    const rig = await startGateway({ providers: [provider(baseUrl, { kind: one.kind })] });
    const client = rig.openai(await rig.key());
    const chat = await client.chat.completions.create({
      model: "mock/m",
      messages: [{ role: "system", content: "Be brief." }, ...question],
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(chat.choices[0]?.message.content ?? "")).toEqual({ answer: 42 });
    one.wants(upstream.got[0]?.body ?? {});
    // OpenAI answers responses itself; every other kind is asked for a chat.
    if (one.kind === "openai") return;
    const response = await client.responses.create({
      model: "mock/m",
      instructions: "Be brief.",
      input: "Say hello.",
      text: { format: { type: "json_object" } },
    });
    expect(JSON.parse(response.output_text)).toEqual({ answer: 42 });
    one.wants(upstream.got[1]?.body ?? {});
  });

  test("what follows of the question decides where several are set: a schema goes by its tool, not by words", async () => {
    const upstream = await startUpstream(kinds.find(({ kind }) => kind === "anthropic")?.answers);
    const rig = await startGateway({ providers: [provider(upstream.url, { kind: "anthropic" })] });
    await rig.post(await rig.key(), "/chat/completions", {
      model: "mock/m",
      messages: question,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
    });
    expect(upstream.got[0]?.body).toMatchObject({ tool_choice: { type: "tool" } });
    expect(upstream.got[0]?.body.system).toBeUndefined();
  });
});
