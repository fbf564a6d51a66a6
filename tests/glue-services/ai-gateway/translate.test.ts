import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, streamText } from "ai";
import { describe, expect, test } from "vitest";
import { encodeMessage } from "../../../glue-services/ai-gateway/translate/event-stream.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { type Answer, base, cutsAfter, deltas, event, json, says, startUpstream } from "./upstream.ts";

const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "Weather of a place",
    parameters: { type: "object", properties: { place: { type: "string" } } },
  },
};

/** As Anthropic answers: a text, then a tool call. */
const anthropic: Answer = ({ body }, response) => {
  const usage = { input_tokens: 20, output_tokens: 9, cache_read_input_tokens: 5 };
  const content = [
    { type: "text", text: "Let me look." },
    { type: "tool_use", id: "toolu_1", name: "weather", input: { place: "Bern" } },
  ];
  if (body.stream !== true) {
    return json(response, 200, {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: body.model,
      content,
      stop_reason: "tool_use",
      usage,
    });
  }
  const say = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(
    [
      say("message_start", {
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: body.model,
          content: [],
          stop_reason: null,
          usage: { ...usage, output_tokens: 1 },
        },
      }),
      say("ping", {}),
      say("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      say("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Let me " } }),
      say("content_block_delta", { index: 0, delta: { type: "text_delta", text: "look." } }),
      say("content_block_stop", { index: 0 }),
      say("content_block_start", {
        index: 1,
        content_block: { type: "tool_use", id: "toolu_1", name: "weather", input: {} },
      }),
      say("content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json: '{"place":' } }),
      say("content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json: '"Bern"}' } }),
      say("content_block_stop", { index: 1 }),
      say("message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 9 } }),
      say("message_stop", {}),
    ].join(""),
  );
};

describe("Anthropic behind OpenAI's API", () => {
  async function rigged(answer: Answer = anthropic) {
    const upstream = await startUpstream(answer);
    const rig = await startGateway({
      providers: [{ ...provider(upstream.url), name: "claude", kind: "anthropic" as const }],
    });
    return { upstream, rig, key: await rig.key() };
  }

  test("a chat with tools, pictures and a system text becomes messages, and the answer a chat completion", async () => {
    const { upstream, rig, key } = await rigged();
    const answer = await rig.openai(key).chat.completions.create({
      model: "claude/claude-sonnet-4-5",
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"place":"Rome"}' } }],
        },
        { role: "tool", tool_call_id: "c1", content: "sunny" },
      ],
      tools: [weather],
      tool_choice: "required",
      stop: "END",
    });
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(answer.choices[0]?.message.content).toBe("Let me look.");
    expect(call).toMatchObject({ id: "toolu_1", function: { name: "weather", arguments: '{"place":"Bern"}' } });
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
    expect(answer.usage).toMatchObject({ prompt_tokens: 25, completion_tokens: 9 });
    const [got] = upstream.got;
    expect(got?.path).toBe("/v1/messages");
    expect(got?.headers).toMatchObject({ "x-api-key": "value-of-MOCK_KEY", "anthropic-version": "2023-06-01" });
    expect(got?.body).toMatchObject({
      model: "claude-sonnet-4-5",
      system: "Be brief.",
      tool_choice: { type: "any" },
      stop_sequences: ["END"],
      messages: [
        {
          role: "user",
          content: [
            { type: "text" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          ],
        },
        { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "weather", input: { place: "Rome" } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "sunny" }] },
      ],
    });
  });

  test("a streamed answer becomes chunks with the tool call, and is not priced at nothing (LiteLLM #37923)", async () => {
    const { rig, key } = await rigged();
    const runner = rig.openai(key).chat.completions.stream({
      model: "claude/claude-sonnet-4-5",
      messages: question,
      tools: [weather],
    });
    const message = await runner.finalMessage();
    expect(message.content).toBe("Let me look.");
    expect(message.tool_calls?.[0]).toMatchObject({ function: { name: "weather", arguments: '{"place":"Bern"}' } });
    const [row] = await rig.usage(1);
    expect([Number(row?.input_tokens), Number(row?.cached_tokens), Number(row?.output_tokens)]).toEqual([25, 5, 9]);
    // 20 fresh tokens at 3 dollars a million, 5 cached at 0.3, 9 written at 15.
    expect(Number(row?.cost)).toBe(20 * 3000 + 5 * 300 + 9 * 15_000);
  });

  test("an answer of a given form comes by a tool and looks like a text", async () => {
    const { upstream, rig, key } = await rigged(({ body }, response) => {
      const content = [{ type: "tool_use", id: "t", name: "answer", input: { city: "Bern" } }];
      json(response, 200, {
        id: "m",
        type: "message",
        role: "assistant",
        model: body.model,
        content,
        stop_reason: "tool_use",
        usage: { input_tokens: 1, output_tokens: 1 },
      });
    });
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const answer = await rig.openai(key).chat.completions.create({
      model: "claude/claude-sonnet-4-5",
      messages: question,
      response_format: { type: "json_schema", json_schema: { name: "city", schema } },
    });
    expect(answer.choices[0]?.message.content).toBe('{"city":"Bern"}');
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(upstream.got[0]?.body).toMatchObject({ tool_choice: { type: "tool", name: "answer" } });
  });

  test("Anthropic's own client speaks to Anthropic as if nothing were in between", async () => {
    const { rig, key, upstream } = await rigged();
    const client = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    const request = { model: "claude/claude-sonnet-4-5", max_tokens: 100, messages: question };
    const whole = await client.messages.create(request);
    expect(whole.content[1]).toMatchObject({ type: "tool_use", input: { place: "Bern" } });
    const streamed = await client.messages.stream(request).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: "text", text: "Let me look." });
    expect(upstream.got.map(({ headers }) => headers["x-api-key"])).toEqual(["value-of-MOCK_KEY", "value-of-MOCK_KEY"]);
    expect((await rig.usage(2)).map((row) => Number(row.output_tokens))).toEqual([9, 9]);
  });

  test("a stream of Anthropic's that is cut is an error for its client too", async () => {
    const { rig, key } = await rigged(
      cutsAfter(
        'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half"}}\n\n',
      ),
    );
    const client = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    const request = { model: "claude/claude-sonnet-4-5", max_tokens: 100, messages: question };
    await expect(client.messages.stream(request).finalMessage()).rejects.toThrow("stopped in the middle");
  });
});

describe("any provider behind the other APIs", () => {
  const calls: Answer = ({ body }, response) => {
    const call = { id: "c1", type: "function", function: { name: "weather", arguments: '{"place":"Bern"}' } };
    const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 };
    if (body.stream !== true) {
      const message = { role: "assistant", content: "I look.", tool_calls: [call] };
      return json(response, 200, {
        id: "x",
        object: "chat.completion",
        model: body.model,
        choices: [{ index: 0, message, finish_reason: "tool_calls" }],
        usage,
      });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(
      [
        ...deltas("I look."),
        event({
          ...base("m"),
          choices: [
            {
              index: 0,
              delta: { tool_calls: [{ index: 0, ...call, function: { name: "weather", arguments: "" } }] },
              finish_reason: null,
            },
          ],
        }),
        event({
          ...base("m"),
          choices: [
            {
              index: 0,
              delta: { tool_calls: [{ index: 0, function: { arguments: '{"place":"Bern"}' } }] },
              finish_reason: null,
            },
          ],
        }),
        event({ ...base("m"), choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] }),
        event({ ...base("m"), choices: [], usage }),
        "data: [DONE]\n\n",
      ].join(""),
    );
  };

  async function rigged() {
    const upstream = await startUpstream(calls);
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    return { upstream, rig, key: await rig.key() };
  }

  test("Anthropic's client gets messages and events from a server of chat completions", async () => {
    const { rig, key, upstream } = await rigged();
    const client = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    const request = {
      model: "mock/m",
      max_tokens: 50,
      system: "Be brief.",
      messages: question,
      tools: [{ name: "weather", input_schema: { type: "object" as const } }],
    };
    const expected = [
      { type: "text", text: "I look." },
      { type: "tool_use", name: "weather", input: { place: "Bern" } },
    ];
    const whole = await client.messages.create(request);
    const streamed = await client.messages.stream(request).finalMessage();
    expect(whole).toMatchObject({
      content: expected,
      stop_reason: "tool_use",
      usage: { input_tokens: 11, output_tokens: 4 },
    });
    expect(streamed).toMatchObject({
      content: expected,
      stop_reason: "tool_use",
      usage: { input_tokens: 11, output_tokens: 4 },
    });
    expect(upstream.got[0]?.body).toMatchObject({
      messages: [{ role: "system", content: "Be brief." }, ...question],
      max_tokens: 50,
    });
  });

  test("OpenAI's client gets responses, whole and streamed, from a server of chat completions", async () => {
    const { rig, key, upstream } = await rigged();
    const client = rig.openai(key);
    const request = { model: "mock/m", instructions: "Be brief.", input: "What is the weather in Bern?" };
    const whole = await client.responses.create(request);
    expect(whole.output_text).toBe("I look.");
    expect(whole.output[1]).toMatchObject({ type: "function_call", name: "weather", arguments: '{"place":"Bern"}' });
    expect(whole.usage).toMatchObject({ input_tokens: 11, output_tokens: 4 });
    const streamed = await client.responses.stream(request).finalResponse();
    expect(streamed.output_text).toBe("I look.");
    expect(streamed.output[1]).toMatchObject({ type: "function_call", arguments: '{"place":"Bern"}' });
    expect(streamed.usage).toMatchObject({ total_tokens: 15 });
    expect(upstream.got[0]?.path).toBe("/v1/chat/completions");
    const kept = await rig.post(key, "/responses", { ...request, previous_response_id: "resp_1" });
    expect([kept.status, kept.body.error.code]).toEqual([400, "not_supported"]);
  });

  test("the ai package speaks through its provider for OpenAI-compatible servers", async () => {
    const upstream = await startUpstream(says("Hello there.", { input: 4, output: 2 }));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const sdk = createOpenAICompatible({ name: "devflow", baseURL: `${rig.url}/v1`, apiKey: await rig.key() });
    const { text } = await generateText({ model: sdk("mock/m"), prompt: "hi", maxRetries: 0 });
    expect(text).toBe("Hello there.");
    const { textStream } = streamText({ model: sdk("mock/m"), prompt: "hi", maxRetries: 0 });
    const parts = [];
    for await (const part of textStream) parts.push(part);
    expect(parts.join("")).toBe("Hello there.");
  });
});

describe("Bedrock behind OpenAI's API", () => {
  const message = (type: string, payload: object) =>
    encodeMessage(
      { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
      Buffer.from(JSON.stringify(payload)),
    );

  test("a chat is signed for AWS and becomes Converse, whole and streamed", async () => {
    const upstream = await startUpstream(({ path }, response) => {
      const usage = { inputTokens: 8, outputTokens: 3, totalTokens: 11 };
      if (path.endsWith("/converse")) {
        const content = [{ text: "Hello." }];
        return json(response, 200, {
          output: { message: { role: "assistant", content } },
          stopReason: "end_turn",
          usage,
        });
      }
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      const all = Buffer.concat([
        message("messageStart", { role: "assistant" }),
        message("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hel" } }),
        message("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "lo." } }),
        message("contentBlockStart", {
          contentBlockIndex: 1,
          start: { toolUse: { toolUseId: "t1", name: "weather" } },
        }),
        message("contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: '{"place":"Bern"}' } } }),
        message("messageStop", { stopReason: "tool_use" }),
        message("metadata", { usage, metrics: { latencyMs: 1 } }),
      ]);
      for (let at = 0; at < all.length; at += 50) response.write(all.subarray(at, at + 50));
      response.end();
    });
    const own = { ...provider(upstream.url.replace("/v1", "")), name: "aws", kind: "bedrock" as const };
    const rig = await startGateway({ providers: [own], readKey: async () => "AKIDEXAMPLE:secret:session" });
    const client = rig.openai(await rig.key());
    const model = "aws/anthropic.claude-haiku-4-5-20251001-v1:0";
    const whole = await client.chat.completions.create({ model, messages: question, max_tokens: 5 });
    expect(whole.choices[0]?.message.content).toBe("Hello.");
    const streamed = await client.chat.completions.stream({ model, messages: question }).finalMessage();
    expect(streamed.content).toBe("Hello.");
    expect(streamed.tool_calls?.[0]).toMatchObject({ function: { arguments: '{"place":"Bern"}' } });
    const [got] = upstream.got;
    expect(got?.path).toBe("/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse");
    expect(got?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/us-east-1\/bedrock\/aws4_request/,
    );
    expect(got?.headers["x-amz-security-token"]).toBe("session");
    expect(got?.body).toMatchObject({
      messages: [{ role: "user", content: [{ text: "Say hello." }] }],
      inferenceConfig: { maxTokens: 5 },
    });
    expect((await rig.usage(2)).map((row) => Number(row.cost))).toEqual([8 * 1000 + 3 * 5000, 8 * 1000 + 3 * 5000]);
  });

  test("a damaged event stream is an error, not an answer", async () => {
    const upstream = await startUpstream((_got, response) => {
      const bytes = Buffer.concat([message("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } })]);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      response.writeHead(200);
      response.end(bytes);
    });
    const own = { ...provider(upstream.url.replace("/v1", "")), name: "aws", kind: "bedrock" as const };
    const rig = await startGateway({ providers: [own], readKey: async () => "bedrock-key-without-colon" });
    const body = { model: "aws/amazon.nova-lite-v1:0", messages: question, stream: true };
    const { status, body: said } = await rig.post(await rig.key(), "/chat/completions", body);
    expect([status, said.error.code]).toEqual([502, "provider_failed"]);
    expect(upstream.got[0]?.headers.authorization).toBe("Bearer bedrock-key-without-colon");
  });
});
