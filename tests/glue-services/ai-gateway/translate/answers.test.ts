import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type Client,
  candidateOf,
  chunk,
  chunks,
  completion,
  converseEvents,
  messageEvents,
  pair,
  type Seen,
  said,
} from "./pair.ts";

const clients: Client[] = ["chat", "messages", "responses"];
const translatedClients: Client[] = ["messages", "responses"];
const reasoningStyles: { name: string; deltas: object[]; message: object }[] = [
  {
    name: "reasoning_content",
    deltas: [{ reasoning_content: "Hm, " }, { reasoning_content: "yes." }, { content: "42" }],
    message: { reasoning_content: "Hm, yes.", content: "42" },
  },
  {
    name: "reasoning",
    deltas: [{ reasoning: "Hm, " }, { reasoning: "yes." }, { content: "42" }],
    message: { reasoning: "Hm, yes.", content: "42" },
  },
  {
    name: "both words for it at once",
    deltas: [{ reasoning: "Hm, yes.", reasoning_content: "Hm, yes." }, { content: "42" }],
    message: { reasoning: "Hm, yes.", reasoning_content: "Hm, yes.", content: "42" },
  },
  {
    name: "OpenRouter's details",
    deltas: [{ reasoning_details: [{ type: "reasoning.text", text: "Hm, yes." }] }, { content: "42" }],
    message: { reasoning_details: [{ type: "reasoning.text", text: "Hm, yes." }], content: "42" },
  },
  {
    name: "Mistral's list of parts",
    deltas: [
      { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm, yes." }] }] },
      { content: [{ type: "text", text: "42" }] },
    ],
    message: {
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Hm, yes." }] },
        { type: "text", text: "42" },
      ],
    },
  },
];

describe("reasoning", () => {
  for (const client of translatedClients) {
    test.each(reasoningStyles)(`as $name is reasoning for ${client}, whole and streamed`, ({ deltas, message }) => {
      const asked = pair(client, "openai-compatible");
      const expected = { text: "42", reasoning: "Hm, yes." };
      expect(said(client, asked.whole(completion(message)))).toMatchObject(expected);
      expect(said(client, asked.stream(chunks(deltas)).events)).toMatchObject(expected);
    });

    test(`reaches a client of ${client} with its first piece, long before the text`, () => {
      const { flow } = pair(client, "openai-compatible", { stream: true }).stream(chunk({ reasoning_content: "Hm" }));
      expect(flow.started).toBe(true);
      const { text } = pair(client, "openai-compatible", { stream: true }).stream(chunk({ reasoning_content: "Hm" }));
      expect(text).toContain("Hm");
    });
  }

  const thinking = [
    {
      block: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        { type: "thinking_delta", thinking: "Hm." },
        { type: "signature_delta", signature: "sig" },
      ],
    },
    { block: { type: "redacted_thinking", data: "secret" } },
    { block: { type: "tool_use", id: "t1", name: "f", input: {} } },
  ];

  test("of Anthropic with its signature goes to a client of chats and back, as Anthropic gave it", () => {
    const asked = pair("chat", "anthropic");
    const whole = asked.whole({
      content: [
        { type: "thinking", thinking: "Hm.", signature: "sig" },
        { type: "redacted_thinking", data: "secret" },
        { type: "tool_use", id: "t1", name: "f", input: {} },
      ],
      stop_reason: "tool_use",
    });
    const [{ message }] = whole.choices;
    expect(message).toMatchObject({ reasoning_content: "Hm.", content: null });
    const streamed = asked.stream(messageEvents(thinking, "tool_use")).events;
    const details = streamed.flatMap(({ choices }: Seen) => choices[0]?.delta.reasoning_details ?? []);
    expect(details).toEqual(message.reasoning_details);
    const { sent } = pair("chat", "anthropic", {
      messages: [{ role: "user", content: "Hi" }, message, { role: "tool", tool_call_id: "t1", content: "done" }],
    });
    expect(sent.messages[1].content).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "sig" },
      { type: "redacted_thinking", data: "secret" },
      { type: "tool_use", id: "t1", name: "f", input: {} },
    ]);
  });

  test("of Anthropic goes to a client of responses and back, as Anthropic gave it", () => {
    const events = pair("responses", "anthropic", { stream: true }).stream(messageEvents(thinking, "tool_use")).events;
    const { output } = events.at(-1).response;
    expect(output.map(({ type }: Seen) => type)).toEqual(["reasoning", "reasoning", "function_call"]);
    const input = [
      { role: "user", content: "Hi" },
      ...output,
      { type: "function_call_output", call_id: "t1", output: "done" },
    ];
    const { sent } = pair("responses", "anthropic", { input });
    expect(sent.messages[1].content).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "sig" },
      { type: "redacted_thinking", data: "secret" },
      { type: "tool_use", id: "t1", name: "f", input: {} },
    ]);
  });

  test("of Bedrock keeps its signature for a client of messages", () => {
    const bytes = converseEvents([
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { text: "Hm." } } }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { signature: "sig" } } }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { text: "42" } }],
      ["messageStop", { stopReason: "end_turn" }],
    ]);
    const { events } = pair("messages", "bedrock", { stream: true }).stream(bytes);
    expect(events).toContainEqual({
      type: "content_block_delta",
      index: 0,
      delta: { type: "signature_delta", signature: "sig" },
    });
    const block = { type: "thinking", thinking: "Hm.", signature: "sig" };
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [block, { type: "text", text: "42" }] },
    ];
    const { sent } = pair("messages", "bedrock", { messages: [...messages, { role: "user", content: "Go on" }] });
    expect(sent.messages[1].content[0]).toEqual({
      reasoningContent: { reasoningText: { text: "Hm.", signature: "sig" } },
    });
  });

  test("of another model that Anthropic's client gives back reaches its server, and never Anthropic", () => {
    const { content } = pair("messages", "openai-compatible").whole(
      completion({ reasoning_content: "Hm.", content: "42" }),
    );
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content },
      { role: "user", content: "Go on" },
    ];
    expect(pair("messages", "openai-compatible", { messages }).sent.messages[1]).toEqual({
      role: "assistant",
      content: "42",
      reasoning_content: "Hm.",
    });
    expect(
      pair("messages", candidateOf("openai-compatible", "magistral-small"), { messages }).sent.messages[1].content[0],
    ).toEqual({
      type: "thinking",
      thinking: [{ type: "text", text: "Hm." }],
    });
    // The same API on both sides, and a signature that Anthropic would not know.
    expect(pair("messages", "anthropic", { messages }).sent.messages[1].content).toEqual([
      { type: "text", text: "42" },
    ]);
    // OpenAI's chats have no field for it.
    expect(pair("messages", "openai", { messages }).sent.messages[1]).toEqual({ role: "assistant", content: "42" });
  });

  test("that a server of many models signed goes back to it with its signature", () => {
    const details = [{ type: "reasoning.text", text: "Hm.", signature: "sig" }];
    const answer = completion({ reasoning: "Hm.", reasoning_details: details, content: "42" });
    const { content } = pair("messages", "openai-compatible").whole(answer);
    expect(content[0]).toEqual({ type: "thinking", thinking: "Hm.", signature: "sig" });
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content },
      { role: "user", content: "Go on" },
    ];
    const { sent } = pair("messages", "openai-compatible", { messages });
    expect(sent.messages[1].reasoning_details).toMatchObject(details);
  });

  test("that the gateway wrote as an item of responses is not sent to OpenAI, which would not know it", () => {
    const { output } = pair("responses", "openai-compatible").whole(completion({ reasoning: "Hm.", content: "42" }));
    const { sent } = pair("responses", "openai", { input: [{ role: "user", content: "Hi" }, ...output] });
    expect(sent.input.map(({ type = "message" }: Seen) => type)).toEqual(["message", "message"]);
  });
});

describe("what servers answer", () => {
  test.each(translatedClients)("a text as a list of parts is a text for %s", (client) => {
    const parts = [
      { type: "text", text: "Hello" },
      { type: "text", text: " you" },
    ];
    const asked = pair(client, "openai-compatible");
    expect(said(client, asked.whole(completion({ content: parts }))).text).toBe("Hello you");
    expect(said(client, asked.stream(chunks([{ content: parts }])).events).text).toBe("Hello you");
  });

  test.each(translatedClients)("a refusal is told as one to %s", (client) => {
    const asked = pair(client, "openai-compatible");
    for (const seen of [
      said(client, asked.whole(completion({ content: null, refusal: "I cannot." }))),
      said(client, asked.stream(chunks([{ refusal: "I " }, { refusal: "cannot." }])).events),
    ]) {
      if (client === "messages") expect(seen).toMatchObject({ text: "I cannot.", end: "refusal" });
      else expect(seen).toMatchObject({ refusal: "I cannot.", text: "", end: "completed" });
    }
  });

  test.each([
    ["messages", "refusal", "max_tokens"],
    ["responses", "content_filter", "max_output_tokens"],
  ] as const)("a filtered and a cut answer of a chat end as such for %s", (client, filtered, cut) => {
    for (const [finish, end] of [
      ["content_filter", filtered],
      ["length", cut],
      ["model_length", cut],
    ] as const) {
      const asked = pair(client, "openai-compatible");
      expect(said(client, asked.whole(completion({ content: "Hel" }, finish))).end).toBe(end);
      expect(said(client, asked.stream(chunks([{ content: "Hel" }], finish)).events).end).toBe(end);
    }
  });

  test.each(clients)("an end that is empty is none: a stream without another is a cut one for %s", (client) => {
    const empty = ["Hel", "lo", "!"].map(
      (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: "" }] })}\n\n`,
    );
    const asked = pair(client, "openai-compatible", { stream: true });
    expect(asked.stream(...empty).finished).toBe(false);
    expect(asked.stream(...empty, chunk({}, "stop"))).toMatchObject({ finished: true });
  });

  test("a stream without [DONE] ends with it for clients of chats", () => {
    const { text, finished } = pair("chat", "openai-compatible", { stream: true }).stream(
      chunk({ content: "Hi" }),
      chunk({}, "stop"),
    );
    expect(finished).toBe(true);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const once = pair("chat", "openai-compatible", { stream: true }).stream(chunks([{ content: "Hi" }])).text;
    expect(once.match(/\[DONE\]/g)).toHaveLength(1);
  });

  test.each(clients)(
    "events where none were asked are a whole answer for %s, and JSON where a stream was asked a stream",
    (client) => {
      const asked = pair(client, "openai-compatible", { stream: true });
      const tool_calls = [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }];
      const whole = said(
        client,
        pair(client, "openai-compatible").whole(
          chunks([{ content: "Hi" }, { tool_calls: [{ index: 0, ...tool_calls[0] }] }], "tool_calls"),
        ),
      );
      expect(whole).toMatchObject({ text: "Hi", calls: [{ name: "f", arguments: "{}" }] });
      const bytes = Buffer.from(`\ufeff ${JSON.stringify(completion({ content: "Hi", tool_calls }, "tool_calls"))}`);
      const streamed = asked.stream(bytes.subarray(0, 40), bytes.subarray(40));
      expect(streamed.finished).toBe(true);
      expect(said(client, streamed.events)).toMatchObject({ text: "Hi", calls: [{ name: "f", arguments: "{}" }] });
      expect(() => pair(client, "openai-compatible").whole(chunks([{ content: "Hel" }], null))).toThrow(
        "in the middle",
      );
    },
  );

  test.each(clients)("marks, line ends, comments and three newlines change nothing for %s", (client) => {
    const text = [
      ": hello\n\n",
      chunk({ content: "Grüß " }),
      ": ping\n\n",
      chunk({ content: "dich" }),
      chunk({}, "stop"),
    ].join("");
    const asked = pair(client, "openai-compatible", { stream: true });
    const styles = [
      text,
      `\ufeff${text}`,
      text.replaceAll("\n", "\r\n"),
      text.replaceAll("\n", "\r"),
      text.replaceAll("\n\n", "\n\n\n"),
      text.trimEnd(),
    ];
    for (const style of styles) {
      const bytes = Buffer.from(style);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.subarray(at * 7, at * 7 + 7));
      const { events, finished } = asked.stream(...pieces);
      expect([finished, said(client, events).text]).toEqual([true, "Grüß dich"]);
    }
    const spread = `data: {"choices": [{"index": 0,\ndata: "delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\n`;
    expect(said(client, asked.stream(spread).events).text).toBe("Hi");
  });

  test.each(clients)("an error in a stream is its text for %s, whatever its shape", (client) => {
    const errors = [
      'data: {"error":{"message":"overloaded"}}\n\n',
      'data: {"error":"overloaded"}\n\n',
      'event: error\ndata: {"detail":[{"loc":["body"],"msg":"overloaded"}]}\n\n',
      "event: error\ndata: overloaded\n\n",
      'data: {"object":"error","message":"overloaded","code":500}\n\n',
      'data: [{"error":{"code":503,"message":"overloaded"}}]\n\n',
      'data: {"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}\n\n',
    ];
    for (const error of errors) {
      const { error: told, text } = pair(client, "openai-compatible", { stream: true }).stream(
        chunk({ content: "Hel" }),
        error,
      );
      expect(told, error).toContain("overloaded");
      expect(text).not.toContain("[object");
    }
  });

  test("an error with status 200 is a failure with its text, not an answer", () => {
    expect(() => pair("messages", "openai-compatible").whole({ error: { message: "overloaded" } })).toThrow(
      "overloaded",
    );
    expect(() => pair("chat", "anthropic").whole({ type: "error", error: { message: "overloaded" } })).toThrow(
      "overloaded",
    );
    expect(() => pair("chat", "bedrock").whole({ Output: {}, message: "overloaded" })).toThrow("overloaded");
    // Compressed bytes that nobody decoded are no answer either.
    expect(() => pair("chat", "openai-compatible").whole(gzipSync("{}"))).toThrow();
  });

  test("events of responses are numbered on from the last one, also that of an error", () => {
    const { flow, events } = pair("responses", "openai-compatible", { stream: true }).stream(chunk({ content: "Hel" }));
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
    expect(flow.sequence).toBe(events.length);
    const own = 'data: {"type":"response.output_text.delta","delta":"Hel","sequence_number":7}\n\n';
    expect(pair("responses", "openai", { stream: true }).stream(own).flow.sequence).toBe(8);
  });
});
