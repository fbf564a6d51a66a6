import { describe, expect, test } from "vitest";
import { pair, type Seen } from "./pair.ts";

describe("histories", () => {
  test("begin with a user, have no texts of blanks alone, and describe the tools they call", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "assistant", content: "Welcome." },
      { role: "user", content: " " },
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "" } }],
      },
      { role: "tool", tool_call_id: "a", content: "" },
      { role: "assistant", content: "Well, " },
    ];
    const { sent } = pair("chat", "anthropic", { messages });
    expect(sent.messages.map(({ role }: Seen) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
    ]);
    expect(JSON.stringify(sent.messages)).not.toContain('"text":" "');
    expect(sent.messages.at(-1).content).toEqual([{ type: "text", text: "Well," }]);
    expect([sent.tools.map(({ name }: Seen) => name), sent.tool_choice]).toEqual([["f"], { type: "none" }]);
    const bedrock = pair("chat", "bedrock", { messages }).sent;
    expect(bedrock.toolConfig.tools[0].toolSpec.name).toBe("f");
    expect(bedrock.messages[4].content[0].toolResult.content).toEqual([{ text: "(no output)" }]);
  });

  test("of a system text alone are a question", () => {
    const messages = [{ role: "system", content: "Say hello." }];
    const { sent } = pair("chat", "anthropic", { messages });
    expect([sent.messages, sent.system]).toEqual([
      [{ role: "user", content: [{ type: "text", text: "Say hello." }] }],
      undefined,
    ]);
  });

  test("keep the results of several tools and what follows them apart", () => {
    const { sent } = pair("messages", "openai", {
      messages: [
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "Both." },
            { type: "tool_use", id: "a", name: "f", input: {} },
            { type: "tool_use", id: "b", name: "g", input: {} },
          ],
        },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "a",
              content: [
                { type: "text", text: "one" },
                { type: "image", source: { type: "base64", media_type: "image/jpg", data: "aGk=" } },
              ],
            },
            { type: "tool_result", tool_use_id: "b", content: "two" },
            { type: "text", text: "Go on." },
          ],
        },
      ],
    });
    expect(sent.messages.slice(2)).toEqual([
      { role: "tool", tool_call_id: "a", content: "one" },
      { role: "tool", tool_call_id: "b", content: "two" },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/jpeg;base64,aGk=" } },
          { type: "text", text: "Go on." },
        ],
      },
    ]);
  });

  test("pictures in a tool's result stay where they are at Anthropic", () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } };
    const { sent } = pair("chat", "anthropic", {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] },
        { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "x" }, image] },
      ],
    });
    expect(sent.messages[2].content[0].content[1]).toMatchObject({
      type: "image",
      source: { media_type: "image/png" },
    });
  });
});
