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

const clients: Client[] = ["messages", "responses"];
const call = (index: number | undefined, id: string | undefined, name: string | undefined, text: string) => ({
  tool_calls: [
    {
      ...(index !== undefined && { index }),
      ...(id !== undefined && { id }),
      type: "function",
      function: { ...(name !== undefined && { name }), arguments: text },
    },
  ],
});

/** What a server of chat completions streams, and the calls that its model made. */
const habits: { name: string; deltas: object[]; calls: [string, string][] }[] = [
  {
    name: "pieces of two calls in turn",
    deltas: [
      call(0, "a", "f", ""),
      call(1, "b", "g", ""),
      call(0, undefined, undefined, '{"x":'),
      call(1, undefined, undefined, '{"y":'),
      call(0, undefined, undefined, "1}"),
      call(1, undefined, undefined, "2}"),
    ],
    calls: [
      ["f", '{"x":1}'],
      ["g", '{"y":2}'],
    ],
  },
  {
    name: "no index, and a continuation with an empty id",
    deltas: [call(undefined, "a", "f", ""), call(undefined, "", undefined, '{"x":'), call(undefined, "", "", "1}")],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "a name in the second piece",
    deltas: [call(0, "a", undefined, ""), call(0, undefined, "f", ""), call(0, undefined, undefined, '{"x":1}')],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "arguments before the name",
    deltas: [call(0, "a", undefined, '{"x"'), call(0, undefined, "f", ":1}")],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "two calls of the number 0 with ids of their own",
    deltas: [call(0, "a", "f", '{"x":1}'), call(0, "b", "g", '{"y":2}')],
    calls: [
      ["f", '{"x":1}'],
      ["g", '{"y":2}'],
    ],
  },
  {
    name: "two whole calls without ids or numbers",
    deltas: [call(undefined, undefined, "f", '{"x":1}'), call(undefined, undefined, "f", '{"x":2}')],
    calls: [
      ["f", '{"x":1}'],
      ["f", '{"x":2}'],
    ],
  },
  {
    name: "id and name in every piece",
    deltas: [call(0, "a", "f", '{"x'), call(0, "a", "f", '":1'), call(0, "a", "f", "}")],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "a new id in every piece",
    deltas: [call(0, "a", "f", ""), call(0, "b", undefined, '{"x":1'), call(0, "c", undefined, "}")],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "null in place of what is missing",
    deltas: [
      {
        role: null,
        content: null,
        tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: null } }],
      },
      {
        content: null,
        tool_calls: [{ index: 0, id: null, type: null, function: { name: null, arguments: '{"x":1}' } }],
      },
      { tool_calls: null },
    ],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "arguments as an object",
    deltas: [{ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }] }],
    calls: [["f", '{"x":1}']],
  },
  {
    name: "no arguments at all",
    deltas: [{ tool_calls: [{ index: 0, id: "a", function: { name: "f" } }] }],
    calls: [["f", "{}"]],
  },
  {
    name: "numbers that begin with 1",
    deltas: [call(1, "a", "f", '{"x":1}'), call(2, "b", "g", "{}")],
    calls: [
      ["f", '{"x":1}'],
      ["g", "{}"],
    ],
  },
  {
    name: "a call in the words before there were tools",
    deltas: [{ function_call: { name: "f", arguments: "" } }, { function_call: { arguments: '{"x":1}' } }],
    calls: [["f", '{"x":1}']],
  },
];

describe.each(clients)("tool calls of servers of chat completions for clients of %s", (client) => {
  test.each(habits)(`streamed with $name are the calls that the model made, for ${client}`, ({ deltas, calls }) => {
    const { events, finished } = pair(client, "openai-compatible", { stream: true }).stream(
      chunks(deltas, "tool_calls"),
    );
    const seen = said(client, events);
    expect(seen.calls.map(({ name, arguments: text }) => [name, text])).toEqual(calls);
    expect(new Set(seen.calls.map(({ id }) => id)).size).toBe(calls.length);
    expect([finished, seen.end]).toEqual([true, client === "messages" ? "tool_use" : "completed"]);
  });

  test(`a tool call that ends with stop ends as a tool call, so that agents run it, for ${client}`, () => {
    const deltas = [call(0, "a", "f", "{}")];
    const asked = pair(client, "openai-compatible");
    const message = {
      content: null,
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
    };
    const end = client === "messages" ? "tool_use" : "completed";
    expect(said(client, asked.stream(chunks(deltas, "stop")).events).end).toBe(end);
    expect(said(client, asked.whole(completion(message, "stop")))).toMatchObject({ end, calls: [{ name: "f" }] });
  });

  test(`a whole answer's arguments as an object, and calls without ids, are calls for ${client}`, () => {
    const tool_calls = [
      { function: { name: "f", arguments: { x: 1 } } },
      { id: "", function: { name: "f", arguments: "" } },
    ];
    const { calls } = said(client, pair(client, "openai-compatible").whole(completion({ content: "", tool_calls })));
    expect(calls.map(({ name, arguments: text }) => [name, text])).toEqual([
      ["f", '{"x":1}'],
      ["f", "{}"],
    ]);
    expect(calls[0]?.id).not.toBe(calls[1]?.id);
  });

  test(`a call whose name never comes is a failure, not a call of nothing, for ${client}`, () => {
    const asked = pair(client, "openai-compatible");
    const { error } = asked.stream(chunks([call(0, "a", undefined, "{}")], "tool_calls"));
    expect(error).toMatch(/no name/);
    expect(() => asked.whole(completion({ tool_calls: [{ id: "a", function: { arguments: "{}" } }] }))).toThrow(
      /no name/,
    );
  });
});

describe("tool calls of Anthropic and Bedrock", () => {
  test("whose blocks come in turn, or with their input in the head, are chat calls counted from 0", () => {
    const events = messageEvents(
      [
        { block: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: "Look." }] },
        {
          block: { type: "tool_use", id: "toolu_1", name: "f", input: {} },
          deltas: [{ type: "input_json_delta", partial_json: '{"x":1}' }],
        },
        { block: { type: "tool_use", id: "toolu_2", name: "g", input: { y: 2 } } },
        { block: { type: "tool_use", id: "toolu_3", name: "h", input: {} } },
      ],
      "tool_use",
    );
    const seen = said("chat", pair("chat", "anthropic", { stream: true }).stream(events).events);
    expect(seen).toMatchObject({ text: "Look.", end: "tool_calls" });
    expect(seen.calls).toEqual([
      { id: "toolu_1", name: "f", arguments: '{"x":1}' },
      { id: "toolu_2", name: "g", arguments: '{"y":2}' },
      { id: "toolu_3", name: "h", arguments: "{}" },
    ]);
  });

  test("of Converse, interleaved, are each their own for every client", () => {
    const bytes = converseEvents([
      ["contentBlockStart", { contentBlockIndex: 0, start: { toolUse: { toolUseId: "a", name: "f" } } }],
      ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "b", name: "g" } } }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: '{"x":' } } }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: '{"y":2}' } } }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: "1}" } } }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["messageStop", { stopReason: "tool_use" }],
    ]);
    for (const client of ["chat", "messages", "responses"] as const) {
      const { calls } = said(client, pair(client, "bedrock", { stream: true }).stream(bytes).events);
      expect(calls, client).toEqual([
        { id: "a", name: "f", arguments: '{"x":1}' },
        { id: "b", name: "g", arguments: '{"y":2}' },
      ]);
    }
  });
});

describe("ids of tool calls and names of tools that are legal in one API only", () => {
  const history = (id: string) => ({
    messages: [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id, type: "function", function: { name: "mcp.files:read", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: id, content: "done" },
    ],
    tools: [{ type: "function", function: { name: "mcp.files:read", parameters: {} } }],
  });

  test.each(["anthropic", "bedrock"] as const)(
    "a call and its result have one legal id at %s, the same each time",
    (kind) => {
      const ids = ["functions.Bash:0", "call|1", "é", "x".repeat(300), "call_ok-1"];
      for (const id of ids) {
        const [first, second] = [pair("chat", kind, history(id)).sent, pair("chat", kind, history(id)).sent];
        const blocks = first.messages.flatMap(({ content }: Seen) => content);
        const [used, result] =
          kind === "anthropic"
            ? [
                blocks.find(({ type }: Seen) => type === "tool_use").id,
                blocks.find(({ type }: Seen) => type === "tool_result").tool_use_id,
              ]
            : [
                blocks.find(({ toolUse }: Seen) => toolUse).toolUse.toolUseId,
                blocks.find(({ toolResult }: Seen) => toolResult).toolResult.toolUseId,
              ];
        expect(used).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(result).toBe(used);
        expect(second).toEqual(first);
        if (id === "call_ok-1") expect(used).toBe(id);
      }
    },
  );

  test("an id that Anthropic's clients could not take comes back to its server as it was", () => {
    const answer = completion({
      tool_calls: [{ id: "functions.Bash:0", type: "function", function: { name: "Bash", arguments: "{}" } }],
    });
    const [block] = pair("messages", "openai-compatible").whole(answer).content;
    expect(block.id).toMatch(/^[A-Za-z0-9_-]+$/);
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [block] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: "done" }] },
    ];
    const { sent } = pair("messages", "openai-compatible", { messages });
    expect([sent.messages[1].tool_calls[0].id, sent.messages[2].tool_call_id]).toEqual([
      "functions.Bash:0",
      "functions.Bash:0",
    ]);
  });

  test("Mistral's models get ids of nine letters and digits, whoever serves them", () => {
    const { sent } = pair("messages", candidateOf("openai-compatible", "devstral-small"), {
      messages: [
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "toolu_01A09q90qw90lq917835lq9", name: "f", input: {} }],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "toolu_01A09q90qw90lq917835lq9", content: "done" }],
        },
      ],
    });
    const { id } = sent.messages[1].tool_calls[0];
    expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(sent.messages[2].tool_call_id).toBe(id);
  });

  test("an id that a server gives again each turn is two ids where the API wants that", () => {
    const turn = (text: string) => [
      { role: "assistant", tool_calls: [{ id: "call_0", type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "call_0", content: text },
    ];
    const { sent } = pair("chat", "anthropic", {
      messages: [{ role: "user", content: "Hi" }, ...turn("one"), ...turn("two")],
    });
    const blocks = sent.messages.flatMap(({ content }: Seen) => content);
    const used = blocks.filter(({ type }: Seen) => type === "tool_use").map(({ id }: Seen) => id);
    const results = blocks.filter(({ type }: Seen) => type === "tool_result").map(({ tool_use_id: id }: Seen) => id);
    expect(new Set(used).size).toBe(2);
    expect(results).toEqual(used);
  });

  test("a tool's name that an API does not take is put into words it takes, and back in the answer", () => {
    const asked = pair("chat", "anthropic", history("a"));
    const [{ name }] = asked.sent.tools;
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    expect(asked.sent.messages[1].content[0].name).toBe(name);
    const answer = { content: [{ type: "tool_use", id: "t", name, input: {} }], stop_reason: "tool_use" };
    expect(said("chat", asked.whole(answer)).calls[0]?.name).toBe("mcp.files:read");
    const long = "n".repeat(100);
    const tools = [{ name: long, input_schema: { type: "object" } }];
    const other = pair("messages", "openai", { tools, tool_choice: { type: "tool", name: long } });
    expect(other.sent.tools[0].function.name).toHaveLength(64);
    expect(other.sent.tool_choice.function.name).toBe(other.sent.tools[0].function.name);
    const used = chunk(
      { tool_calls: [{ index: 0, id: "a", function: { name: other.sent.tools[0].function.name, arguments: "{}" } }] },
      "tool_calls",
    );
    expect(said("messages", other.stream(used).events).calls[0]?.name).toBe(long);
  });
});
