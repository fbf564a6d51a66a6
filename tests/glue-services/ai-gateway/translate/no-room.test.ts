import { describe, expect, test } from "vitest";
import { type Client, pair } from "./pair.ts";
import { refusal } from "./refusal.ts";

describe("what an API has no room for", () => {
  const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
  const url = { type: "url", url: "https://example.com/a.pdf" };
  const refused: [string, Client, Parameters<typeof pair>[1], object, RegExp][] = [
    [
      "Anthropic's web search",
      "messages",
      "openai",
      { tools: [{ type: "web_search_20250305", name: "web_search" }] },
      /web_search_20250305/,
    ],
    ["Anthropic's shell", "messages", "bedrock", { tools: [{ type: "bash_20250124", name: "bash" }] }, /bash_20250124/],
    ["a document by URL", "messages", "openai-compatible", user({ type: "document", source: url }), /documents by URL/],
    [
      "a document by its file's id",
      "messages",
      "bedrock",
      user({ type: "document", source: { type: "file", file_id: "f" } }),
      /file/,
    ],
    [
      "citations",
      "messages",
      "openai",
      user({ type: "document", source: { type: "text", data: "x" }, citations: { enabled: true } }),
      /citations/,
    ],
    ["a part of unknown type", "messages", "openai", user({ type: "hologram" }), /hologram/],
    ["a container", "messages", "openai", { container: "c" }, /container/],
    ["an unknown field", "messages", "openai", { quantum: true }, /quantum/],
    ["top_k", "messages", "openai", { top_k: 5 }, /top_k/],
    [
      "sound",
      "chat",
      "anthropic",
      user({ type: "input_audio", input_audio: { data: "aGk=", format: "wav" } }),
      /audio/,
    ],
    ["an unknown part of a chat", "chat", "bedrock", user({ type: "hologram" }), /hologram/],
    ["more than one answer", "chat", "anthropic", { n: 2 }, /\bn\b/],
    ["probabilities", "chat", "anthropic", { logprobs: true }, /logprobs/],
    ["penalties", "chat", "bedrock", { frequency_penalty: 0.5 }, /frequency_penalty/],
    ["a file by its id", "chat", "anthropic", user({ type: "file", file: { file_id: "f" } }), /file_data/],
    ["tools of another type", "chat", "anthropic", { tools: [{ type: "custom", custom: { name: "x" } }] }, /custom/],
    ["OpenAI's web search", "responses", "anthropic", { tools: [{ type: "web_search" }] }, /web_search/],
    [
      "an item of unknown type",
      "responses",
      "openai-compatible",
      { input: [{ type: "item_reference", id: "x" }] },
      /item_reference/,
    ],
    [
      "a file that OpenAI keeps",
      "responses",
      "anthropic",
      { input: [{ role: "user", content: [{ type: "input_file", file_id: "f" }] }] },
      /input_file/,
    ],
    ["a kept conversation", "responses", "anthropic", { conversation: "c" }, /conversations/],
    ["work in the background", "responses", "anthropic", { background: true }, /background/],
    ["a kept prompt", "responses", "anthropic", { prompt: { id: "p" } }, /prompt/],
    [
      "a picture by URL",
      "chat",
      "bedrock",
      user({ type: "image_url", image_url: { url: "https://example.com/a.png" } }),
      /data: addresses/,
    ],
    [
      "a spreadsheet",
      "chat",
      "anthropic",
      user({ type: "file", file: { file_data: "data:application/vnd.ms-excel;base64,aGk=" } }),
      /ms-excel/,
    ],
  ];
  test.each(refused)("is refused by name before a provider is asked: %s", (_what, client, kind, more, words) => {
    const error = refusal(client, kind, more);
    expect([error.status, error.code]).toEqual([400, "not_supported"]);
    expect(error.message).toMatch(words);
    expect(error.param).toBeTruthy();
  });

  test("a document by URL is a document by URL where the API has it", () => {
    const { sent } = pair("responses", "anthropic", {
      input: [{ role: "user", content: [{ type: "input_file", file_url: url.url }] }],
    });
    expect(sent.messages[0].content[0]).toEqual({ type: "document", source: url });
  });

  test("hints of how to serve a call are left out, and neutral values ask for nothing", () => {
    const hints = {
      service_tier: "auto",
      metadata: { a: "b" },
      store: false,
      seed: 7,
      n: 1,
      logprobs: false,
      frequency_penalty: 0,
      logit_bias: {},
    };
    expect(pair("chat", "anthropic", hints).sent).toEqual(pair("chat", "anthropic").sent);
  });
});
