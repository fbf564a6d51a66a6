import { describe, expect, test } from "vitest";
import { shapeOf } from "../../../../glue-services/ai-gateway/wire/shapes.ts";
import { asked, candidateOf, chunk, chunks, completion, hello, pair, type Seen, said } from "./pair.ts";

// What users of other gateways reported in public about tools, by the numbers of their reports.

const tools = {
  chat: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
  messages: [{ name: "f", input_schema: { type: "object" } }],
  responses: [{ type: "function", name: "f", parameters: { type: "object" } }],
};

describe("signatures of Google's calls (Portkey-AI/gateway#1442, nghyane/launchdock#4)", () => {
  const gemini = candidateOf("google", "gemini-3-pro-preview");
  const signature = "sig/+abc==";
  const call = {
    ...{ index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
    extra_content: { google: { thought_signature: signature } },
  };
  const unsigned = { extra_content: { google: { thought_signature: "skip_thought_signature_validator" } } };
  const other = { index: 1, id: "c2", type: "function", function: { name: "f", arguments: "{}" } };

  /** What a client of either API sends next of what it was answered, with a result for each call. */
  const next = {
    messages: (content: Seen[]) => [
      { role: "user", content: "Hi" },
      { role: "assistant", content },
      {
        role: "user",
        content: content
          .filter(({ type }) => type === "tool_use")
          .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "ok" })),
      },
    ],
    responses: (output: Seen[]) => [
      { role: "user", content: "Hi" },
      ...output,
      ...output
        .filter(({ type }) => type === "function_call")
        .map(({ call_id }) => ({ type: "function_call_output", call_id, output: "ok" })),
    ],
  };

  test("come back to Google with the call that they are of, through clients of messages and of responses, whole and streamed", () => {
    for (const streamed of [false, true]) {
      const ask = (client: "messages" | "responses", more: object) =>
        pair(client, gemini, { tools: tools[client], stream: streamed, ...more });
      const answer = (client: "messages" | "responses") => {
        const asking = ask(client, {});
        if (!streamed) return asking.whole(completion({ tool_calls: [call, other] }, "tool_calls"));
        const { events } = asking.stream(chunks([{ tool_calls: [call] }, { tool_calls: [other] }], "tool_calls"));
        if (client === "responses") return events.findLast(({ response }) => response?.output).response;
        const content: Seen[] = [];
        for (const { type, index, content_block: block, delta } of events) {
          if (type === "content_block_start") content[index] = { ...block };
          if (delta?.partial_json) content[index].input = JSON.parse(delta.partial_json);
        }
        return { content };
      };
      const content = answer("messages").content;
      expect(content.map(({ type }: Seen) => type)).toEqual(["redacted_thinking", "tool_use", "tool_use"]);
      const back = ask("messages", { messages: next.messages(content) }).sent;
      const said = (sent: Seen) => sent.messages.find(({ role }: Seen) => role === "assistant").tool_calls;
      expect(said(back)).toMatchObject([{ id: "c1", extra_content: call.extra_content }, { id: "c2" }]);
      expect(said(back)[1].extra_content).toBeUndefined();
      const { output } = answer("responses");
      const again = ask("responses", { input: next.responses(output) }).sent;
      expect(said(again)[0]).toMatchObject({ id: "c1", extra_content: call.extra_content });
      // Another provider that goes on with the conversation is not shown what it cannot read.
      for (const kind of ["anthropic", "bedrock", "openai", "openai-compatible"] as const) {
        const body = { tools: tools.messages, messages: next.messages(content) };
        expect([kind, JSON.stringify(pair("messages", kind, body).sent).includes(signature)]).toEqual([kind, false]);
      }
    }
  });

  test("are replaced by Google's own word where a client dropped them, and left alone where it did not", () => {
    const history = (tool_calls: object[]) => ({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: null, tool_calls },
        { role: "tool", tool_call_id: "c1", content: "ok" },
      ],
    });
    const { extra_content: _, index: __, ...bare } = call;
    const sent = (candidate: typeof gemini, calls: object[]) =>
      pair("chat", candidate, history(calls)).sent.messages[1].tool_calls;
    expect(sent(gemini, [bare, other])).toEqual([{ ...bare, ...unsigned }, other]);
    expect(sent(gemini, [call, other])).toEqual([call, other]);
    for (const older of [candidateOf("google", "gemini-2.5-pro"), candidateOf("openai-compatible", "gemini-3-pro")]) {
      expect(sent(older, [bare])).toEqual([bare]);
    }
    const body = { ...hello.chat, ...history([call]), stream: false };
    const raw = Buffer.from(JSON.stringify({ model: "gemini-3-pro-preview", ...body }));
    // Nothing changes in a body that has them: it goes out as it came.
    expect(shapeOf({ ...asked("chat", body), body: JSON.parse(raw.toString()), raw }, gemini).body).toBe(raw);
  });
});

test("an empty list of tool calls beside a text is no tool call (BerriAI/litellm#29286)", () => {
  const text = chunks([
    { role: "assistant", content: "", tool_calls: [] },
    { content: "Hel", tool_calls: [] },
    { content: "lo.", tool_calls: [], function_call: null },
  ]);
  for (const client of ["messages", "responses"] as const) {
    const { events, finished } = pair(client, "openai-compatible", { stream: true, tools: tools[client] }).stream(text);
    expect([finished, said(client, events)]).toMatchObject([true, { text: "Hello.", calls: [] }]);
    expect(events.filter(({ delta }) => delta?.type === "input_json_delta")).toEqual([]);
  }
});

test("a tool's arguments that come whole, in one event with its name or in the last one, reach the client whole (BerriAI/litellm#25561, BerriAI/litellm#29491)", () => {
  const one = { index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"path":"a.ts","n":[1,2]}' } };
  const late = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [one] }, finish_reason: "tool_calls" }] })}\n\ndata: [DONE]\n\n`;
  for (const text of [chunks([{ tool_calls: [one] }], "tool_calls"), late, chunk({ content: null }) + late]) {
    for (const client of ["messages", "responses"] as const) {
      const { events } = pair(client, "google", { stream: true, tools: tools[client] }).stream(text);
      const { calls, end } = said(client, events);
      expect(calls.map(({ arguments: given }) => JSON.parse(given))).toEqual([{ path: "a.ts", n: [1, 2] }]);
      expect(end).toBe(client === "messages" ? "tool_use" : "completed");
    }
  }
});

test("a call without arguments that a client gives back empty, blank or null is a call with none (BerriAI/litellm#5063)", () => {
  for (const given of ["", " ", "{}", null, undefined]) {
    const messages = [
      { role: "user", content: "Snooze." },
      { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: given } }] },
      { role: "tool", tool_call_id: "c1", content: "null" },
    ];
    const anthropic = pair("chat", "anthropic", { messages, tools: tools.chat }).sent;
    expect(anthropic.messages[1].content).toEqual([{ type: "tool_use", id: "c1", name: "f", input: {} }]);
    const bedrock = pair("chat", "bedrock", { messages, tools: tools.chat }).sent;
    expect(bedrock.messages[1].content).toEqual([{ toolUse: { toolUseId: "c1", name: "f", input: {} } }]);
  }
  const responses = pair("responses", "anthropic", {
    input: [
      { role: "user", content: "Snooze." },
      { type: "function_call", call_id: "c1", name: "f", arguments: "" },
      { type: "function_call_output", call_id: "c1", output: "null" },
    ],
    tools: tools.responses,
  });
  expect(responses.sent.messages[1].content).toEqual([{ type: "tool_use", id: "c1", name: "f", input: {} }]);
});
