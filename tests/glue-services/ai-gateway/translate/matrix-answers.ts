import type { Api, Cell, columns } from "./matrix.ts";
import {
  type Client,
  candidateOf,
  chunks,
  completion,
  converseEvents,
  messageEvents,
  pair,
  type Said,
  type Seen,
  said,
} from "./pair.ts";

/** What a provider may answer, and whether a client has it, whole and streamed. */
interface Answered {
  name: string;
  cell(client: Client, column: (typeof columns)[0]): Cell;
}

interface Given {
  whole: object;
  stream: string | Buffer;
}

const converse = (content: object[], stopReason: string) => ({
  output: { message: { role: "assistant", content } },
  stopReason,
});
const delta = (index: number, one: object): [string, object] => [
  "contentBlockDelta",
  { contentBlockIndex: index, delta: one },
];
const toolDelta = (index: number, head: object, text: string) => ({
  tool_calls: [{ index, ...head, function: { ...head, arguments: text } }],
});

const texts: Record<Api, Given> = {
  chat: { whole: completion({ content: "Hello" }), stream: chunks([{ content: "Hel" }, { content: "lo" }]) },
  messages: {
    whole: { content: [{ type: "text", text: "Hello" }], stop_reason: "end_turn" },
    stream: messageEvents([{ block: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: "Hello" }] }]),
  },
  converse: {
    whole: converse([{ text: "Hello" }], "end_turn"),
    stream: converseEvents([delta(0, { text: "Hello" }), ["messageStop", { stopReason: "end_turn" }]]),
  },
};

const thoughts: Record<Api, Given> = {
  chat: {
    whole: completion({ reasoning_content: "Hm.", content: "Hello" }),
    stream: chunks([{ reasoning_content: "Hm." }, { content: "Hello" }]),
  },
  messages: {
    whole: {
      content: [
        { type: "thinking", thinking: "Hm.", signature: "s" },
        { type: "text", text: "Hello" },
      ],
      stop_reason: "end_turn",
    },
    stream: messageEvents([
      {
        block: { type: "thinking", thinking: "", signature: "" },
        deltas: [
          { type: "thinking_delta", thinking: "Hm." },
          { type: "signature_delta", signature: "s" },
        ],
      },
      { block: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: "Hello" }] },
    ]),
  },
  converse: {
    whole: converse(
      [{ reasoningContent: { reasoningText: { text: "Hm.", signature: "s" } } }, { text: "Hello" }],
      "end_turn",
    ),
    stream: converseEvents([
      delta(0, { reasoningContent: { text: "Hm." } }),
      delta(0, { reasoningContent: { signature: "s" } }),
      delta(1, { text: "Hello" }),
      ["messageStop", { stopReason: "end_turn" }],
    ]),
  },
};

const calls: Record<Api, Given> = {
  chat: {
    whole: completion(
      {
        tool_calls: [
          { id: "a", function: { name: "f", arguments: '{"x":1}' } },
          { id: "b", function: { name: "g", arguments: "{}" } },
        ],
      },
      "tool_calls",
    ),
    stream: chunks(
      [
        toolDelta(0, { id: "a", name: "f" }, ""),
        toolDelta(1, { id: "b", name: "g" }, ""),
        toolDelta(1, {}, "{}"),
        toolDelta(0, {}, '{"x":1}'),
      ],
      "tool_calls",
    ),
  },
  messages: {
    whole: {
      content: [
        { type: "tool_use", id: "a", name: "f", input: { x: 1 } },
        { type: "tool_use", id: "b", name: "g", input: {} },
      ],
      stop_reason: "tool_use",
    },
    stream: messageEvents(
      [
        {
          block: { type: "tool_use", id: "a", name: "f", input: {} },
          deltas: [{ type: "input_json_delta", partial_json: '{"x":1}' }],
        },
        { block: { type: "tool_use", id: "b", name: "g", input: {} } },
      ],
      "tool_use",
    ),
  },
  converse: {
    whole: converse(
      [
        { toolUse: { toolUseId: "a", name: "f", input: { x: 1 } } },
        { toolUse: { toolUseId: "b", name: "g", input: {} } },
      ],
      "tool_use",
    ),
    stream: converseEvents([
      ["contentBlockStart", { contentBlockIndex: 0, start: { toolUse: { toolUseId: "a", name: "f" } } }],
      ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "b", name: "g" } } }],
      delta(1, { toolUse: { input: "{}" } }),
      delta(0, { toolUse: { input: '{"x":1}' } }),
      ["messageStop", { stopReason: "tool_use" }],
    ]),
  },
};

const cut: Record<Api, Given> = {
  chat: { whole: completion({ content: "Hel" }, "length"), stream: chunks([{ content: "Hel" }], "length") },
  messages: {
    whole: { content: [{ type: "text", text: "Hel" }], stop_reason: "max_tokens" },
    stream: messageEvents([{ block: { type: "text", text: "Hel" } }], "max_tokens"),
  },
  converse: {
    whole: converse([{ text: "Hel" }], "max_tokens"),
    stream: converseEvents([delta(0, { text: "Hel" }), ["messageStop", { stopReason: "max_tokens" }]]),
  },
};

const filtered: Record<Api, Given> = {
  chat: {
    whole: completion({ content: "Hel" }, "content_filter"),
    stream: chunks([{ content: "Hel" }], "content_filter"),
  },
  messages: {
    whole: { content: [{ type: "text", text: "Hel" }], stop_reason: "refusal" },
    stream: messageEvents([{ block: { type: "text", text: "Hel" } }], "refusal"),
  },
  converse: {
    whole: converse([{ text: "Hel" }], "content_filtered"),
    stream: converseEvents([delta(0, { text: "Hel" }), ["messageStop", { stopReason: "content_filtered" }]]),
  },
};

const refusals: Partial<Record<Api, Given>> = {
  chat: { whole: completion({ content: null, refusal: "No." }), stream: chunks([{ refusal: "No." }]) },
};

const ends: Record<Client, { cut: string; filtered: string }> = {
  chat: { cut: "length", filtered: "content_filter" },
  messages: { cut: "max_tokens", filtered: "refusal" },
  responses: { cut: "max_output_tokens", filtered: "content_filter" },
};

export const answers: Answered[] = [
  answered("text", texts, ({ text }) => text === "Hello"),
  answered("reasoning", thoughts, ({ reasoning, text }) => reasoning === "Hm." && text === "Hello"),
  answered("tool calls, also interleaved", calls, (seen) => {
    const [first, second] = seen.calls;
    return seen.calls.length === 2 && first?.arguments === '{"x":1}' && second?.arguments === "{}";
  }),
  answered("cut at its length", cut, ({ end, text }, client) => end === ends[client].cut && text === "Hel"),
  answered("stopped by a filter", filtered, ({ end }, client) => end === ends[client].filtered),
  answered("a refusal", refusals, ({ refusal, text }, client) => (client === "messages" ? text : refusal) === "No."),
];

function answered(
  name: string,
  given: Partial<Record<Api, Given>>,
  holds: (seen: Said, client: Client) => boolean,
): Answered {
  return {
    name,
    cell(client, { kind, model, api }) {
      const sameApi =
        client === "messages" ? kind === "anthropic" : client === "responses" ? kind === "openai" : api === "chat";
      if (sameApi) return "as it is";
      const answer = given[api];
      if (!answer) return "–";
      const asked = pair(client, candidateOf(kind, model), { stream: true });
      const whole: Seen = asked.whole(answer.whole);
      const streamed = asked.stream(answer.stream);
      const both = [said(client, whole), said(client, streamed.events)];
      return streamed.finished && both.every((seen) => holds(seen, client)) ? "passes" : "lost";
    },
  };
}
