import { describe, expect, test } from "vitest";
import { type Habit, habitsOf, isSpelling, learn } from "../../../../glue-services/ai-gateway/translate/habits.ts";
import { CallError } from "../../../../glue-services/ai-gateway/wire/call-error.ts";
import { respelled, shapeOf } from "../../../../glue-services/ai-gateway/wire/shapes.ts";
import { asked, type Client, candidateOf, hello, pair, type Seen } from "./pair.ts";

function refusal(client: Client, kind: Parameters<typeof pair>[1], more: object): CallError {
  try {
    pair(client, kind, more);
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

const tool = { name: "f", input_schema: { type: "object", properties: {} } };

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
    expect(refusal("chat", candidateOf("bedrock", "amazon.nova-lite-v1:0"), one).code).toBe("not_supported");
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

describe("a server that wants a parameter by its other name", () => {
  const refused = (message: string) => ({ status: 400, body: Buffer.from(JSON.stringify({ error: { message } })) });
  const lessons: [
    string,
    Client,
    "openai" | "openai-compatible" | "anthropic",
    object,
    string,
    Habit,
    (sent: Seen) => unknown,
  ][] = [
    [
      "max_completion_tokens",
      "messages",
      "openai-compatible",
      {},
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_completion_tokens",
      ({ max_completion_tokens: limit }) => limit === 100,
    ],
    [
      "max_tokens",
      "messages",
      "openai",
      {},
      "Unrecognized request argument supplied: max_completion_tokens",
      "max_tokens",
      ({ max_tokens: limit }) => limit === 100,
    ],
    [
      "the client's own limit",
      "chat",
      "openai",
      { max_tokens: 7 },
      "Unsupported parameter: 'max_tokens'",
      "max_completion_tokens",
      (sent) => sent.max_completion_tokens === 7 && sent.max_tokens === undefined,
    ],
    [
      "a stream without options",
      "chat",
      "openai-compatible",
      { stream: true },
      "stream_options: Extra inputs are not permitted",
      "no stream_options",
      (sent) => sent.stream_options === undefined,
    ],
    [
      "no effort",
      "messages",
      "openai-compatible",
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      "Unknown parameter: reasoning_effort",
      "no reasoning_effort",
      (sent) => sent.reasoning_effort === undefined,
    ],
    [
      "no thinking",
      "chat",
      "anthropic",
      { reasoning_effort: "low", max_tokens: 4000 },
      "thinking: this model does not support thinking",
      "no thinking",
      (sent) => sent.thinking === undefined,
    ],
  ];
  test.each(lessons)("is asked again so, and from then on: %s", (_name, client, kind, more, message, habit, holds) => {
    const candidate = candidateOf(kind);
    const call = asked(client, { ...hello[client], ...more });
    const first = shapeOf(call, candidate);
    const other = respelled(call, candidate, first, refused(message));
    expect(holds(JSON.parse(String(other?.body)))).toBe(true);
    expect([...habitsOf(candidate)]).toEqual([habit]);
    expect(shapeOf(call, candidate).body.toString()).toBe(String(other?.body));
    // Once: what is refused in both spellings is another model's.
    expect(other && respelled(call, candidate, other, refused(message))).toBeUndefined();
    expect(isSpelling(refused(message).body)).toBe(true);
  });

  test("is not what refuses a value, or a field of the client's own", () => {
    const candidate = candidateOf("openai-compatible");
    const sent = '{"max_tokens":5000000}';
    for (const message of [
      "max_tokens is too large: 5000000. This model supports at most 4096 completion tokens",
      "The temperature must be below 2",
      "Unknown parameter: logit_bias",
    ]) {
      expect(learn(candidate, sent, refused(message).body), message).toBe(false);
    }
    expect(habitsOf(candidate).size).toBe(0);
  });
});
