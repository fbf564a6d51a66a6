import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { feed } from "../../../glue-services/ai-gateway/feed.ts";
import type { App, Identity } from "../../../glue-services/kit/index.ts";
import { provider, question, startGateway } from "./gateway.ts";
import { chunk, chunks, pair } from "./translate/pair.ts";
import { type Answer, event, startUpstream, streams } from "./upstream.ts";

// What users of other gateways reported in public, each by the smallest request that shows it.

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("streams of tool calls", () => {
  test("arguments of a tool that arrive before the call's id and name reach clients of all three APIs whole", async () => {
    const piece = (more: object, called: object) => ({ tool_calls: [{ index: 0, ...more, function: called }] });
    const late = chunks(
      [
        { role: "assistant", content: null },
        piece({}, { arguments: '{"city":' }),
        piece({ id: "call_1", type: "function" }, { name: "weather", arguments: '"Par' }),
        piece({}, { arguments: 'is"}' }),
      ],
      "tool_calls",
    );
    const upstream = await startUpstream(streams(late));
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const key = await rig.key();
    const openai = rig.openai(key);
    const anthropic = new Anthropic({ apiKey: key, baseURL: rig.url, maxRetries: 0 });
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
    const chat = await openai.chat.completions
      .stream({ model: "mock/m", messages: question, tools })
      .finalChatCompletion();
    expect(chat.choices[0]?.message.tool_calls).toMatchObject([
      { id: "call_1", function: { name: "weather", arguments: '{"city":"Paris"}' } },
    ]);
    const message = await anthropic.messages
      .stream({ model: "mock/m", max_tokens: 100, messages: question })
      .finalMessage();
    expect(message.content).toMatchObject([{ type: "tool_use", name: "weather", input: { city: "Paris" } }]);
    const response = await openai.responses.stream({ model: "mock/m", input: "Hi" }).finalResponse();
    expect(response.output).toMatchObject([
      { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Paris"}' },
    ]);
  });

  test("a client that asks for usage is given each piece of a tool's arguments as it comes, and counts last without choices", async () => {
    let next: () => void = () => {};
    const pieces = ['{"a"', ":", "1", "}"];
    const slow: Answer = async (got, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const head = { index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } };
      response.write(chunk({ tool_calls: [head] }));
      for (const text of pieces) {
        response.write(chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }));
        // The provider goes on only when the client has this piece.
        await new Promise<void>((resolve) => {
          next = resolve;
        });
      }
      response.write(chunk({}, "tool_calls"));
      const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
      expect(got.body.stream_options).toEqual({ include_usage: true });
      response.write(event({ choices: [], usage }));
      response.end("data: [DONE]\n\n");
    };
    const upstream = await startUpstream(slow);
    const rig = await startGateway({ providers: [provider(upstream.url)] });
    const stream = await rig.openai(await rig.key()).chat.completions.create({
      ...{ model: "mock/m", messages: question, stream: true },
      stream_options: { include_usage: true },
    });
    const got: string[] = [];
    let last: unknown;
    for await (const one of stream) {
      last = one;
      const text = one.choices[0]?.delta.tool_calls?.[0]?.function?.arguments;
      if (!text) continue;
      got.push(text);
      next();
    }
    expect(got).toEqual(pieces);
    expect(last).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } });
  });
});

describe("contents in parts", () => {
  test("texts in parts of every role reach Anthropic and Bedrock with none of them dropped", () => {
    const parts = (...texts: string[]) => texts.map((text) => ({ type: "text", text }));
    const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
    const messages = [
      { role: "system", content: parts("s-one", "s-two") },
      { role: "developer", content: parts("d-one", "d-two") },
      { role: "user", content: parts("u-one", "u-two") },
      { role: "assistant", content: parts("a-one", "a-two"), tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: parts("t-one", "t-two") },
    ];
    const words = ["s", "d", "u", "a", "t"].flatMap((who) => [`${who}-one`, `${who}-two`]);
    for (const kind of ["anthropic", "bedrock", "openai-compatible"] as const) {
      const sent = JSON.stringify(pair("chat", kind, { messages }).sent);
      expect([kind, words.filter((word) => !sent.includes(word))]).toEqual([kind, []]);
    }
  });

  test("a text part that is empty beside a picture is left out where the API refuses empty texts, in results of tools too", () => {
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } };
    const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
    for (const empty of ["", " ", "\n"]) {
      const blank = { type: "text", text: empty };
      const messages = [
        { role: "system", content: [blank] },
        { role: "user", content: [blank, image] },
        { role: "assistant", content: [blank], tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: [blank, image] },
      ];
      for (const kind of ["anthropic", "bedrock"] as const) {
        const { sent } = pair("chat", kind, { messages });
        const texts = [...JSON.stringify(sent).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
          JSON.parse(`"${text}"`).trim(),
        );
        expect([kind, empty, texts]).toEqual([kind, empty, []]);
        expect(sent.messages.every(({ content }: { content: unknown[] }) => content.length > 0)).toBe(true);
      }
      const responses = pair("responses", "anthropic", {
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: empty },
              { type: "input_image", image_url: `data:image/png;base64,${pixel}` },
            ],
          },
        ],
      });
      expect(responses.sent.messages).toMatchObject([{ role: "user", content: [{ type: "image" }] }]);
    }
  });

  test("an answer of thoughts alone that Anthropic did not sign leaves no message without content in the conversation", () => {
    const { sent } = pair("chat", "anthropic", {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "", reasoning_content: "Hm." },
        { role: "user", content: "And?" },
      ],
    });
    expect(sent.messages.filter(({ content }: { content: unknown[] }) => content.length === 0)).toEqual([]);
    expect(
      sent.messages.every((one: { role: string }, at: number) => one.role === (at % 2 ? "assistant" : "user")),
    ).toBe(true);
  });

  test("a picture is read from a plain text, a data address, one without its type and a web address, and no picture is an error", () => {
    const told = (image: unknown) => {
      try {
        const content = [
          { type: "text", text: "See." },
          { type: "image_url", image_url: image },
        ];
        const { sent } = pair("chat", "anthropic", { messages: [{ role: "user", content }] });
        return sent.messages[0].content[1].source;
      } catch (error) {
        const { status, param } = error as { status?: number; param?: string };
        return { status, param };
      }
    };
    const png = { type: "base64", media_type: "image/png", data: pixel };
    const web = { type: "url", url: "https://example.com/a.png" };
    const data = `data:image/png;base64,${pixel}`;
    expect([told(data), told({ url: data })]).toEqual([png, png]);
    expect(told({ url: `data:image/PNG;charset=utf-8;base64,${pixel}` })).toEqual(png);
    expect([told(web.url), told({ url: web.url })]).toEqual([web, web]);
    // Its bytes say what it is.
    expect(told({ url: `data:;base64,${pixel}` })).toEqual(png);
    expect(told({ url: `data:application/octet-stream;base64,${pixel}` })).toEqual(png);
    expect(told({ url: `data:image/png,%89PNG` })).not.toMatchObject({ data: "%89PNG" });
    for (const wrong of [
      "",
      "data:",
      "data:image/png;base64",
      "data:image/png;base64,",
      "http://",
      "not an address",
      5,
      {},
    ]) {
      expect([wrong, told(wrong)]).toMatchObject([wrong, { status: 400 }]);
      expect([wrong, told({ url: wrong })]).toMatchObject([wrong, { status: 400 }]);
    }
  });
});

describe("parameters between chats and responses", () => {
  test("how hard to think and the form of an answer pass between chats and responses under either's names", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false,
    };
    const form = { name: "answer", schema, strict: true };
    for (const effort of ["none", "minimal", "low", "medium", "high", "xhigh"]) {
      const { sent } = pair("responses", "openai-compatible", {
        reasoning: { effort },
        text: { format: { type: "json_schema", ...form }, verbosity: "low" },
      });
      expect(sent.reasoning_effort).toBe(effort);
      expect(sent.response_format).toEqual({ type: "json_schema", json_schema: form });
      expect([sent.reasoning, sent.text]).toEqual([undefined, undefined]);
    }
    const plain = pair("responses", "openai-compatible", { text: { format: { type: "text" } }, reasoning: {} }).sent;
    expect([plain.response_format, plain.reasoning_effort]).toEqual([undefined, undefined]);
    const object = pair("responses", "openai-compatible", { text: { format: { type: "json_object" } } }).sent;
    expect(object.response_format).toEqual({ type: "json_object" });
  });
});

test("a budget is near its end by its own period alone: what an earlier one used says nothing of this one", async () => {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  await rig.ask("PUT", "/budgets", { level: "organisation", unit: "requests", amount: 10, period: "month" });
  await rig.post(await rig.key(), "/chat/completions", { model: "mock/m", messages: question });
  await rig.usage(1);
  const connection = await rig.owner.connect();
  try {
    await connection.query("set search_path to ai_gateway");
    const database = { query: (_who: Identity, { text }: { text: string }) => connection.query(text) };
    const needs = async () => {
      const who = { ...rig.admin.identity, scopes: ["ai:read"] };
      const told = await feed.needs?.({ database } as unknown as App, who, { tz: "UTC" });
      return told?.map(({ what }) => what);
    };
    const { rowCount } = await connection.query(
      "update counter set spent = 9, period_start = period_start - interval '40 days'",
    );
    expect([rowCount, await needs()]).toEqual([1, []]);
    await connection.query("update counter set period_start = date_trunc('month', now(), 'UTC')");
    expect(await needs()).toEqual(["90 % of the budget of requests a month of the organisation is used"]);
  } finally {
    connection.release(true);
  }
});
