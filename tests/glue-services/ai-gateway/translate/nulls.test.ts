import { describe, expect, test } from "vitest";
import { type Client, pair } from "./pair.ts";
import { refusal } from "./refusal.ts";

describe("null", () => {
  const nulls = {
    chat: [
      "temperature",
      "top_p",
      "stop",
      "tools",
      "tool_choice",
      "max_tokens",
      "max_completion_tokens",
      "response_format",
      "n",
      "seed",
      "user",
      "logit_bias",
      "functions",
      "parallel_tool_calls",
      "reasoning_effort",
      "stream_options",
      "metadata",
      "audio",
    ],
    messages: [
      "temperature",
      "top_p",
      "top_k",
      "stop_sequences",
      "tools",
      "tool_choice",
      "system",
      "metadata",
      "thinking",
      "container",
      "mcp_servers",
    ],
    responses: [
      "temperature",
      "top_p",
      "tools",
      "tool_choice",
      "instructions",
      "text",
      "reasoning",
      "previous_response_id",
      "conversation",
      "prompt",
      "background",
      "include",
      "truncation",
      "max_output_tokens",
    ],
  };
  test.each([
    ["chat", "anthropic"],
    ["chat", "bedrock"],
    ["messages", "openai"],
    ["messages", "bedrock"],
    ["responses", "openai-compatible"],
    ["responses", "anthropic"],
  ] as const)("in the request of a client of %s is as if absent at %s", (client, kind) => {
    const fields = Object.fromEntries(nulls[client].map((name) => [name, null]));
    expect(pair(client, kind, fields).sent).toEqual(pair(client, kind).sent);
  });

  test("within a tool's schema and a call's input is the program's own", () => {
    const schema = { type: "object", properties: { x: { enum: [null, 1], default: null } } };
    const { sent } = pair("messages", "openai-compatible", {
      tools: [{ name: "f", input_schema: schema }],
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: { x: null } }] },
      ],
    });
    expect(sent.tools[0].function.parameters).toEqual(schema);
    expect(sent.messages[1].tool_calls[0].function.arguments).toBe('{"x":null}');
  });
});

describe("what is malformed", () => {
  const bodies: [Client, object, string][] = [
    ["messages", { messages: "hi" }, "messages"],
    ["messages", { messages: [null] }, "messages[0]"],
    ["messages", { messages: [] }, "messages"],
    ["messages", { messages: [{ role: "user", content: [null] }] }, "messages[0].content[0]"],
    ["messages", { messages: [{ role: "user", content: 7 }] }, "messages[0].content"],
    ["messages", { messages: [{ role: "robot", content: "Hi" }] }, "messages[0].role"],
    ["messages", { tools: "x" }, "tools"],
    ["messages", { tools: [null] }, "tools[0]"],
    ["messages", { tools: [{ input_schema: {} }] }, "tools[0].name"],
    ["messages", { tool_choice: "auto" }, "tool_choice"],
    ["messages", { temperature: "0.5" }, "temperature"],
    ["responses", { input: [null] }, "input[0]"],
    ["responses", { input: 7 }, "input"],
    ["responses", { input: [{ type: "function_call", name: "f" }] }, "input[0].call_id"],
    ["responses", { input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input[0].content[0].text"],
    ["responses", { text: "x" }, "text"],
    ["chat", { messages: "hi" }, "messages"],
    ["chat", { messages: [null] }, "messages[0]"],
    ["chat", { messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    ["chat", { tools: [{ type: "function" }] }, "tools[0].function"],
    ["chat", { stop: [7] }, "stop[0]"],
  ];
  test.each(bodies)("in a request of %s is named: %j", (client, more, place) => {
    const error = refusal(client, client === "chat" ? "anthropic" : "openai-compatible", more);
    expect([error.status, error.code, error.param]).toEqual([400, "invalid_request", place]);
  });
});
