import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { costOf, priceOf } from "../../../glue-services/ai-gateway/prices/prices.ts";
import type { Tokens } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { chatTokens, messagesTokens } from "../../../glue-services/ai-gateway/wire/scan.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { type Answer, chunkOf, event, json, startUpstream, stop, streams } from "./upstream.ts";

// What users of other gateways reported in public about what was counted and billed, by the numbers of their reports.

/** Dollars a million tokens, as the list has it for Claude Sonnet 4.5. */
const [read, cachedAt, output] = [3, 0.3, 15];
const named = { name: "anthropic", kind: "anthropic" as const };
const sonnet = priceOf({ provider: { ...named, free: false }, model: "claude-sonnet-4-5" }, []);
/** Dollars. */
const cost = (tokens: Tokens) => costOf(sonnet as NonNullable<typeof sonnet>, tokens) / 1e9;

const say = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

function message(usage: object, last: object | undefined, words = ["Hello ", "there."]): string[] {
  const head = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null };
  return [
    say("message_start", { message: { ...head, usage } }),
    say("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...words.map((text) => say("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    say("content_block_stop", { index: 0 }),
    say("message_delta", { delta: { stop_reason: "end_turn" }, ...(last && { usage: last }) }),
    say("message_stop", {}),
  ];
}

describe("a provider's cache", () => {
  test("tokens written into it cost a quarter more than read ones, once, and twice as much for an hour (maximhq/bifrost#3451, BerriAI/litellm#9812)", () => {
    const usage = { input_tokens: 6, cache_creation_input_tokens: 159_217, output_tokens: 2745 };
    const tokens = messagesTokens(usage, undefined);
    expect(tokens).toMatchObject({ input: 159_223, cached: 0, written: 159_217 });
    const expected = (6 * read + 159_217 * read * 1.25 + 2745 * output) / 1e6;
    expect(cost(tokens)).toBeCloseTo(expected, 6);
    const hour = { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 900 };
    const both = messagesTokens({ input_tokens: 10, output_tokens: 1, cache_creation: hour }, undefined);
    expect(cost(both)).toBeCloseTo((10 * read + 100 * read * 1.25 + 900 * read * 2 + output) / 1e6, 6);
  });

  test("what a stream's first event says of it counts to the end, whatever the last one leaves out or says is nothing (BerriAI/litellm#11789)", async () => {
    const first = {
      input_tokens: 4,
      cache_read_input_tokens: 2455,
      cache_creation_input_tokens: 100,
      output_tokens: 1,
    };
    for (const last of [
      { output_tokens: 23 },
      { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 23 },
      { input_tokens: null, output_tokens: 23 },
      { ...first, output_tokens: 23 },
    ]) {
      const upstream = await startUpstream(streams(...message(first, last)));
      const rig = await startGateway({ providers: [{ ...provider(upstream.url), ...named }] });
      const key = await rig.key();
      const ask = { model: "anthropic/claude-sonnet-4-5", max_tokens: 50, messages: question, stream: true };
      await rig.post(key, "/messages", ask);
      await rig.post(key, "/chat/completions", ask);
      const expected = Math.ceil((4 * read + 2455 * cachedAt + 100 * read * 1.25 + 23 * output) * 1000);
      const counted = { input_tokens: "2559", cached_tokens: "2455", output_tokens: "23", estimated: false };
      expect(await rig.usage(2)).toMatchObject([counted, counted].map((row) => ({ ...row, cost: String(expected) })));
    }
  });

  test("cached tokens of a chat cost their own price and not the full one besides (BerriAI/litellm#14849)", () => {
    const details = { prompt_tokens_details: { cached_tokens: 257_955 } };
    const tokens = chatTokens({ prompt_tokens: 262_960, completion_tokens: 1744, total_tokens: 264_704, ...details });
    expect(tokens).toEqual({ input: 262_960, cached: 257_955, output: 1744 });
    const expected = ((262_960 - 257_955) * read + 257_955 * cachedAt + 1744 * output) / 1e6;
    expect(cost(tokens)).toBeCloseTo(expected, 6);
    // Others name them otherwise, or leave them out of the question.
    const deepseek = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, prompt_cache_hit_tokens: 64 };
    expect(chatTokens(deepseek)).toEqual({ input: 100, cached: 64, output: 5 });
    expect(chatTokens({ prompt_tokens: 100, completion_tokens: 5, cached_tokens: 64 })).toMatchObject({ cached: 64 });
    const beside = {
      prompt_tokens: 36,
      completion_tokens: 5,
      total_tokens: 105,
      prompt_tokens_details: { cached_tokens: 64 },
    };
    expect(chatTokens(beside)).toEqual({ input: 100, cached: 64, output: 5 });
  });

  test("a client of Anthropic's messages is told of written and cached tokens apart, with any provider (crewAIInc/crewAI#6768)", async () => {
    const details = { prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 } };
    const usage = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, ...details };
    const answer: Answer = ({ body }, response) => {
      const text = { role: "assistant", content: "Hi." };
      if (body.stream !== true) {
        return json(response, 200, { choices: [{ index: 0, message: text, finish_reason: "stop" }], usage });
      }
      return streams(
        chunkOf(text),
        stop(),
        event({ choices: [], usage }),
        "data: [DONE]\n\n",
      )(undefined as never, response);
    };
    const upstream = await startUpstream(answer);
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const client = new Anthropic({ apiKey: await rig.key(), baseURL: rig.url, maxRetries: 0 });
    const ask = { model: "mock/m", max_tokens: 50, messages: question };
    const expected = {
      input_tokens: 10,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 60,
      output_tokens: 5,
    };
    expect((await client.messages.create(ask)).usage).toMatchObject(expected);
    expect((await client.messages.stream(ask).finalMessage()).usage).toMatchObject(expected);
  });
});

test("what a model thought is billed though it stands in the total alone (danny-avila/LibreChat#13006, simonw/llm-gemini#75)", async () => {
  const usage = { prompt_tokens: 264, completion_tokens: 104, total_tokens: 1357 };
  expect(chatTokens(usage)).toEqual({ input: 264, cached: 0, output: 1093 });
  expect(chatTokens({ ...usage, completion_tokens: null })).toEqual({ input: 264, cached: 0, output: 1093 });
  expect(chatTokens({ prompt_tokens: 5, completion_tokens: 7 })).toEqual({ input: 5, cached: 0, output: 7 });
  // A total that is less, or no number, says nothing.
  expect(chatTokens({ prompt_tokens: 5, completion_tokens: 7, total_tokens: 0 })).toMatchObject({ output: 7 });
  const upstream = await startUpstream(
    streams(chunkOf({ role: "assistant", content: "Hi." }), stop(), event({ choices: [], usage }), "data: [DONE]\n\n"),
  );
  const rig = await startGateway({ providers: [provider(upstream.url, { kind: "google", name: "google" })] });
  const body = { model: "google/gemini-2.5-pro", messages: question, stream: true };
  await rig.post(await rig.key(), "/chat/completions", body);
  const [row] = await rig.usage(1);
  expect(row).toMatchObject({ input_tokens: "264", output_tokens: "1093", estimated: false });
  expect(Number(row?.cost)).toBe(264 * 1250 + 1093 * 10_000);
});

test("a stream whose client leaves in the middle costs what had come until then, and never the first event's one token (QuantumNous/new-api#7062, QuantumNous/new-api#4463)", async () => {
  const words = Array.from({ length: 40 }, (_, at) => `word${at} `);
  const half = message({ input_tokens: 500, cache_read_input_tokens: 400, output_tokens: 1 }, undefined, words);
  let left: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    left = resolve;
  });
  const upstream = await startUpstream((_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.once("close", left);
    for (const one of half.slice(0, -3)) response.write(one);
  });
  const rig = await startGateway({ providers: [{ ...provider(upstream.url), ...named }] });
  const client = new Anthropic({ apiKey: await rig.key(), baseURL: rig.url, maxRetries: 0 });
  const ask = { model: "anthropic/claude-sonnet-4-5", max_tokens: 500, messages: question };
  const stream = client.messages.stream(ask);
  let heard = 0;
  stream.on("text", () => void (++heard === words.length && stream.abort()));
  await expect(stream.finalMessage()).rejects.toThrow();
  await gone;
  const [row] = await rig.usage(1);
  const counted = {
    status: "cancelled",
    input_tokens: "900",
    cached_tokens: "400",
    output_tokens: "40",
    estimated: true,
  };
  expect(row).toMatchObject(counted);
  expect(Number(row?.cost)).toBe(500 * 3000 + 400 * 300 + 40 * 15_000);
});

test("a last chunk that has the end and the usage together reaches a client that did not ask for usage (QuantumNous/new-api#7489)", async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  const last = { index: 0, delta: { content: " there." }, finish_reason: "length" };
  const upstream = await startUpstream(
    streams(chunkOf({ role: "assistant", content: "Hello" }), event({ choices: [last], usage }), "data: [DONE]\n\n"),
  );
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const key = await rig.key();
  const client = rig.openai(key);
  let said = "";
  let reason: string | null | undefined;
  for await (const { choices } of await client.chat.completions.create({
    ...{ model: "mock/m", messages: question },
    stream: true,
  })) {
    said += choices[0]?.delta.content ?? "";
    reason = choices[0]?.finish_reason ?? reason;
  }
  expect([said, reason]).toEqual(["Hello there.", "length"]);
  const message = await new Anthropic({ apiKey: key, baseURL: rig.url }).messages
    .stream({ model: "mock/m", max_tokens: 9, messages: question })
    .finalMessage();
  expect([message.stop_reason, message.usage.output_tokens]).toEqual(["max_tokens", 4]);
  expect(await rig.usage(2)).toMatchObject([{ output_tokens: "4" }, { output_tokens: "4" }]);
});
