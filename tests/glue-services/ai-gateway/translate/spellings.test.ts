import { describe, expect, test } from "vitest";
import { candidateOf, pair, type Seen } from "./pair.ts";
import { tool } from "./refusal.ts";

describe("fields that two APIs spell differently", () => {
  test("a limit is spelled as the provider's API has it", () => {
    expect(pair("messages", "openai", { max_tokens: 500 }).sent).toMatchObject({ max_completion_tokens: 500 });
    expect(pair("messages", "openai", { max_tokens: 500 }).sent.max_tokens).toBeUndefined();
    expect(pair("messages", "openai-compatible", { max_tokens: 500 }).sent).toMatchObject({ max_tokens: 500 });
    expect(pair("responses", "openai-compatible", { max_output_tokens: 5 }).sent).toMatchObject({ max_tokens: 5 });
    expect(pair("chat", "anthropic", { max_completion_tokens: 5 }).sent).toMatchObject({ max_tokens: 5 });
    expect(pair("chat", "bedrock", { max_tokens: 5 }).sent.inferenceConfig).toEqual({ maxTokens: 5 });
  });

  test("that no stream is wanted is said", () => {
    for (const kind of ["openai", "openai-compatible", "anthropic", "google"] as const) {
      expect(pair("messages", kind).sent.stream, kind).toBe(false);
    }
    expect(pair("chat", "openai-compatible", { stream: null }).sent.stream).toBe(false);
  });

  test("a tool without parameters has the least schema that every API takes", () => {
    const least = { type: "object", properties: {} };
    for (const parameters of [{}, null, undefined, { type: "object" }, { type: null }]) {
      const tools = [{ type: "function", function: { name: "f", ...(parameters !== undefined && { parameters }) } }];
      expect(pair("chat", "anthropic", { tools }).sent.tools[0].input_schema).toMatchObject(least);
      expect(pair("chat", "bedrock", { tools }).sent.toolConfig.tools[0].toolSpec.inputSchema.json).toMatchObject(
        least,
      );
      const own = [{ name: "f", ...(parameters !== undefined && { input_schema: parameters }) }];
      expect(pair("messages", "openai", { tools: own }).sent.tools[0].function.parameters).toMatchObject(least);
    }
  });

  test("strict reaches the API that has it, from each", () => {
    expect(pair("messages", "openai", { tools: [{ ...tool, strict: true }] }).sent.tools[0].function.strict).toBe(true);
    const own = [{ type: "function", name: "f", parameters: {}, strict: true }];
    expect(pair("responses", "openai-compatible", { tools: own }).sent.tools[0].function.strict).toBe(true);
    const chat = [{ type: "function", function: { name: "f", strict: true } }];
    expect(pair("chat", "anthropic", { tools: chat }).sent.tools[0].strict).toBe(true);
  });

  test("choices of tools are the same choice in every API", () => {
    const chatTools = [
      { type: "function", function: { name: "f" } },
      { type: "function", function: { name: "g" } },
    ];
    const choices: [unknown, object | undefined, object | undefined][] = [
      ["required", { type: "any" }, { any: {} }],
      ["any", { type: "any" }, { any: {} }],
      ["auto", { type: "auto" }, undefined],
      ["none", { type: "none" }, undefined],
      [{ type: "function", function: { name: "f" } }, { type: "tool", name: "f" }, { tool: { name: "f" } }],
      [{ type: "function", name: "f" }, { type: "tool", name: "f" }, { tool: { name: "f" } }],
    ];
    for (const [tool_choice, anthropic, bedrock] of choices) {
      const more = { tools: chatTools, tool_choice };
      expect(pair("chat", "anthropic", more).sent.tool_choice, String(tool_choice)).toEqual(anthropic);
      expect(pair("chat", "bedrock", more).sent.toolConfig?.toolChoice, String(tool_choice)).toEqual(bedrock);
    }
    const allowed = {
      type: "allowed_tools",
      allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "g" } }] },
    };
    const { sent } = pair("chat", "anthropic", { tools: chatTools, tool_choice: allowed });
    expect([sent.tools.map(({ name }: Seen) => name), sent.tool_choice]).toEqual([["g"], { type: "any" }]);
    expect(pair("messages", "openai", { tools: [tool], tool_choice: { type: "any" } }).sent.tool_choice).toBe(
      "required",
    );
    expect(
      pair("messages", "openai", { tools: [tool], tool_choice: { type: "tool", name: "f" } }).sent.tool_choice,
    ).toEqual({
      type: "function",
      function: { name: "f" },
    });
  });

  test("one tool call at a time is asked in each API's words", () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    const one = { tools, parallel_tool_calls: false };
    expect(pair("chat", "anthropic", one).sent.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
    const claude = candidateOf("bedrock", "anthropic.claude-haiku-4-5");
    expect(pair("chat", claude, one).sent.additionalModelRequestFields.tool_choice).toMatchObject({
      disable_parallel_tool_use: true,
    });
    // No word for it there: the first call alone reaches the client.
    const nova = pair("chat", candidateOf("bedrock", "amazon.nova-lite-v1:0"), one);
    const toolUse = (toolUseId: string) => ({ toolUse: { toolUseId, name: "f", input: {} } });
    const message = { content: [toolUse("a"), toolUse("b")] };
    const answer = nova.whole({ output: { message }, stopReason: "tool_use" });
    expect(answer.choices[0].message.tool_calls).toMatchObject([{ id: "a", function: { arguments: "{}" } }]);
    const forced = { ...one, tool_choice: { type: "function", function: { name: "f" } } };
    expect(pair("chat", candidateOf("bedrock", "amazon.nova-lite-v1:0"), forced).sent.toolConfig.toolChoice).toEqual({
      tool: { name: "f" },
    });
    const own = { tools: [tool], tool_choice: { type: "auto", disable_parallel_tool_use: true } };
    expect(pair("messages", "openai", own).sent).toMatchObject({ tool_choice: "auto", parallel_tool_calls: false });
  });

  test("a failed tool is seen as failed in every API", () => {
    const messages = (content: unknown) => [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a", is_error: true, content }] },
    ];
    const said = (content: unknown) =>
      pair("messages", "openai", { messages: messages(content) }).sent.messages[2].content;
    expect(said("no such file")).toBe("Error: no such file");
    expect(said([{ type: "text", text: "Error: no such file" }])).toBe("Error: no such file");
    expect(said(undefined)).toBe("Error: the tool failed.");
    const [block] = pair("messages", "bedrock", { messages: messages("no") }).sent.messages[2].content;
    expect(block.toolResult.status).toBe("error");
  });

  test("stops, formats and users are told in each API's words", () => {
    expect(pair("messages", "openai", { stop_sequences: ["END"], metadata: { user_id: "u" } }).sent).toMatchObject({
      stop: ["END"],
      user: "u",
    });
    expect(pair("chat", "anthropic", { stop: "END", user: "u", top_k: 3 }).sent).toMatchObject({
      stop_sequences: ["END"],
      metadata: { user_id: "u" },
      top_k: 3,
    });
    const schema = { type: "object", properties: { x: { type: "number" } } };
    const format = { output_config: { format: { type: "json_schema", schema } } };
    expect(pair("messages", "openai", format).sent.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { schema },
    });
    const text = { format: { type: "json_schema", name: "n", schema, strict: true } };
    expect(pair("responses", "openai-compatible", { text }).sent.response_format.json_schema).toMatchObject({
      name: "n",
      schema,
      strict: true,
    });
  });

  test("how hard to think is a budget for Anthropic where the request allows thinking, and an effort elsewhere", () => {
    const effort = { reasoning_effort: "medium", max_tokens: 9000 };
    expect(pair("chat", "anthropic", effort).sent.thinking).toEqual({ type: "enabled", budget_tokens: 4096 });
    expect(pair("chat", "anthropic", { ...effort, temperature: 0.2 }).sent.thinking).toBeUndefined();
    expect(pair("chat", "anthropic", { ...effort, max_tokens: 500 }).sent.thinking).toBeUndefined();
    const unproven = [
      { role: "user", content: "Hi" },
      { role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "a", content: "x" },
    ];
    expect(pair("chat", "anthropic", { ...effort, messages: unproven }).sent.thinking).toBeUndefined();
    const thinking = { type: "enabled", budget_tokens: 20_000 };
    expect(pair("messages", "openai", { thinking }).sent.reasoning_effort).toBe("high");
  });
});
