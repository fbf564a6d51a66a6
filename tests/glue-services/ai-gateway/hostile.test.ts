import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import Anthropic from "@anthropic-ai/sdk";
import { streamText } from "ai";
import { describe, expect, test } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { chunk, chunks, completion } from "./translate/pair.ts";
import { type Answer, json, refuses, says, startUpstream } from "./upstream.ts";

async function start(answer: Answer, kind = "openai-compatible") {
  const upstream = await startUpstream(answer);
  const rig = await startGateway({ providers: [provider(upstream.url, { kind })] });
  const key = await rig.key();
  const anthropic = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
  return { upstream, rig, key, openai: rig.openai(key), anthropic };
}

const asked = { model: "mock/m", max_tokens: 100, messages: question };
const stream =
  (text: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    response.end(text);
  };

describe("servers with habits of their own, by the clients that people use", () => {
  test("tool calls whose pieces come in turn are two calls for Anthropic's and OpenAI's clients", async () => {
    const delta = (index: number, text: string, head: object = {}) => ({
      tool_calls: [{ index, ...head, function: { ...head, arguments: text } }],
    });
    const text = chunks(
      [
        delta(0, "", { id: "functions.read:0", name: "read" }),
        delta(1, "", { id: "functions.write:1", name: "write" }),
        delta(0, '{"x":'),
        delta(1, '{"y":'),
        delta(0, "1}"),
        delta(1, "2}"),
      ],
      "stop",
    );
    const { anthropic, openai } = await start(stream(text));
    const message = await anthropic.messages.stream(asked).finalMessage();
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "tool_use", name: "read", input: { x: 1 } },
        { type: "tool_use", name: "write", input: { y: 2 } },
      ],
    });
    const response = await openai.responses.stream({ model: "mock/m", input: "Hi" }).finalResponse();
    expect(response.output).toMatchObject([
      { type: "function_call", name: "read", arguments: '{"x":1}' },
      { type: "function_call", name: "write", arguments: '{"y":2}' },
    ]);
  });

  test("reasoning reaches Anthropic's, OpenAI's and the AI SDK's clients before the server says more", async () => {
    let release = () => {};
    const waits: Answer = async (_got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ reasoning_content: "Hm, " }));
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      response.end(chunks([{ reasoning_content: "yes." }, { content: "42" }]));
    };
    const { anthropic, openai, rig, key } = await start(waits);
    const messages = anthropic.messages.stream(asked);
    await new Promise<void>((resolve) => messages.once("thinking", () => resolve()));
    release();
    expect((await messages.finalMessage()).content).toMatchObject([
      { type: "thinking", thinking: "Hm, yes." },
      { type: "text", text: "42" },
    ]);
    const responses = openai.responses.stream({ model: "mock/m", input: "Hi" });
    const events = responses[Symbol.asyncIterator]();
    for (let seen = ""; seen !== "response.reasoning_summary_text.delta"; ) seen = (await events.next()).value.type;
    release();
    const whole = await responses.finalResponse();
    expect(whole.output).toMatchObject([
      { type: "reasoning", summary: [{ text: "Hm, yes." }] },
      { type: "message", content: [{ text: "42" }] },
    ]);
    const sdk = createOpenAICompatible({ name: "devflow", baseURL: `${rig.url}/v1`, apiKey: key });
    const { fullStream } = streamText({ model: sdk("mock/m"), prompt: "hi", maxRetries: 0 });
    let reasoning = "";
    for await (const part of fullStream) {
      if (part.type !== "reasoning-delta") continue;
      if (reasoning === "") release();
      reasoning += part.text;
    }
    expect(reasoning).toBe("Hm, yes.");
  });

  test("answers that a server compresses all the same are read, whole and streamed", async () => {
    const { upstream, openai } = await start(says("x"));
    const encodings: [string, (bytes: Buffer) => Buffer][] = [
      ["gzip", gzipSync],
      ["br", brotliCompressSync],
      ["deflate", deflateSync],
      ["deflate", deflateRawSync],
      ["zstd", zstdCompressSync],
    ];
    for (const [encoding, compress] of encodings) {
      const headers = { "content-encoding": encoding };
      upstream.next((_got, response) => {
        response.writeHead(200, { "content-type": "application/json", ...headers });
        response.end(compress(Buffer.from(JSON.stringify(completion({ content: "Grüße" })))));
      });
      const whole = await openai.chat.completions.create({ model: "mock/m", messages: question });
      expect([encoding, whole.choices[0]?.message.content]).toEqual([encoding, "Grüße"]);
      upstream.next(
        stream(compress(Buffer.from(chunks([{ role: "assistant", content: "Grü" }, { content: "ße" }]))), headers),
      );
      const message = await openai.chat.completions.stream({ model: "mock/m", messages: question }).finalMessage();
      expect([encoding, message.content]).toEqual([encoding, "Grüße"]);
    }
    expect(new Set(upstream.got.map(({ headers }) => headers["accept-encoding"]))).toEqual(new Set(["identity"]));
    upstream.next(stream("x", { "content-encoding": "gzip" }), stream("x", { "content-encoding": "gzip" }));
    await expect(openai.chat.completions.create({ model: "mock/m", messages: question })).rejects.toMatchObject({
      status: 502,
    });
  });

  test("errors of servers reach the client with their text and their parameter", async () => {
    const { upstream, openai, anthropic } = await start(says("x"));
    upstream.does((_got, response) =>
      json(response, 422, { detail: [{ loc: ["body", "top_p"], msg: "Input should be less than 1" }] }),
    );
    await expect(openai.chat.completions.create({ model: "mock/m", messages: question })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining("body.top_p: Input should be less than 1"),
    });
    upstream.does((_got, response) =>
      json(response, 400, { error: { message: "too hot", param: "temperature", code: "bad" } }),
    );
    await expect(openai.chat.completions.create({ model: "mock/m", messages: question })).rejects.toMatchObject({
      param: "temperature",
      code: "bad",
    });
    upstream.does((_got, response) => {
      response.writeHead(400, { "content-type": "text/html" });
      response.end("<html><body><h1>Bad request</h1></body></html>");
    });
    await expect(anthropic.messages.create(asked)).rejects.toThrow("Bad request");
  });

  test("malformed requests are 400 in the client's form, and what cannot be translated is too, with nobody asked", async () => {
    const { rig, key, upstream } = await start(says("x"));
    const tools = [{ type: "web_search_20250305", name: "web_search" }];
    const document = { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } };
    const wrong: [string, object][] = [
      ["/messages", { ...asked, messages: "hi" }],
      ["/messages", { ...asked, messages: [null] }],
      ["/messages", { ...asked, tools }],
      ["/messages", { ...asked, messages: [{ role: "user", content: [document] }] }],
      ["/responses", { model: "mock/m", input: [null] }],
      ["/responses", { model: "mock/m", input: [{ type: "computer_call" }] }],
    ];
    for (const [path, body] of wrong) {
      const answer = await rig.post(key, path, body);
      expect([JSON.stringify(body), answer.status]).toEqual([JSON.stringify(body), 400]);
      const form =
        path === "/messages"
          ? { type: "error", error: { type: "invalid_request_error" } }
          : { error: { type: "invalid_request_error" } };
      expect(answer.body).toMatchObject(form);
    }
    expect(upstream.got).toHaveLength(0);
  });
});

describe("a parameter that a model's server wants by its other name", () => {
  const picky: Answer = (got, response) => {
    if (got.body.max_tokens === undefined) return says("Hello.")(got, response);
    return refuses(
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    )(got, response);
  };

  test("is spelled so after one refusal, also behind a fallback, and from then on at once", async () => {
    const [broken, upstream] = [await startUpstream(refuses(500)), await startUpstream(picky)];
    const rig = await startGateway({
      providers: [provider(broken.url, { name: "first" }), provider(upstream.url, { name: "second" })],
    });
    await rig.ask("PUT", "/routes/both", {
      targets: [{ model: "first/m" }, { model: "second/gpt-5", group: 1 }],
      options: { retries: 0 },
    });
    const key = await rig.key();
    const ask = async (path: string) => (await rig.post(key, path, { ...asked, model: "both" })).status;
    expect([await ask("/messages"), await ask("/messages"), await ask("/chat/completions")]).toEqual([200, 200, 200]);
    expect(upstream.got.map(({ body }) => [body.max_tokens, body.max_completion_tokens])).toEqual([
      [100, undefined],
      [undefined, 100],
      [undefined, 100],
      [undefined, 100],
    ]);
  });

  test("leads to the next model where both spellings are refused, and to its words where there is none", async () => {
    const never = refuses(400, "Unsupported parameter: max_tokens, max_completion_tokens");
    const [upstream, good] = [await startUpstream(never), await startUpstream(says("Hello."))];
    const rig = await startGateway({
      providers: [provider(upstream.url, { name: "first" }), provider(good.url, { name: "second" })],
    });
    await rig.ask("PUT", "/routes/both", { targets: [{ model: "first/m" }, { model: "second/m", group: 1 }] });
    const key = await rig.key();
    expect((await rig.post(key, "/messages", { ...asked, model: "both" })).body.content).toMatchObject([
      { text: "Hello." },
    ]);
    const alone = await rig.post(key, "/messages", { ...asked, model: "first/m" });
    expect([alone.status, alone.body.error.message]).toEqual([400, expect.stringContaining("Unsupported parameter")]);
  });
});
