import { providerFrom } from "../../../../glue-services/ai-gateway/providers/provider.ts";
import type { Candidate } from "../../../../glue-services/ai-gateway/routing/plan.ts";
import type { ProviderKind } from "../../../../glue-services/ai-gateway/schemas.ts";
import { encodeMessage } from "../../../../glue-services/ai-gateway/translate/event-stream.ts";
import type { Asked, Body, Flow, Shape, Surface } from "../../../../glue-services/ai-gateway/wire/shape.ts";
import { shapeOf } from "../../../../glue-services/ai-gateway/wire/shapes.ts";

/** Any field of an answer is looked at. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at differs from test to test.
export type Seen = any;

export type Client = Extract<Surface, "chat" | "messages" | "responses">;

const paths: Record<Client, string> = { chat: "/chat/completions", messages: "/messages", responses: "/responses" };

/** The least that each API takes as a question. */
export const hello: Record<Client, object> = {
  chat: { messages: [{ role: "user", content: "Hi" }] },
  messages: { max_tokens: 100, messages: [{ role: "user", content: "Hi" }] },
  responses: { input: "Hi" },
};

/** A model at a provider of its own, which has learned nothing yet. */
export function candidateOf(kind: ProviderKind, model = "m", baseUrl = "https://models.example.com/v1"): Candidate {
  const given = { name: "mock", kind, baseUrl };
  const provider = providerFrom(given, { organisation: undefined, internal: true });
  return { provider, model, id: `mock/${model}`, context: undefined };
}

export function asked(client: Client, body: object): Asked {
  const whole = { model: "mock/m", ...body } as Body;
  return {
    surface: client,
    path: paths[client],
    body: whole,
    raw: Buffer.from(JSON.stringify(whole)),
    contentType: "application/json",
    stream: whole.stream === true,
  };
}

/** What a client asks and what a provider is sent for it, in either's API. */
export interface Pair {
  shape: Shape;
  /** The provider's request. */
  sent: Seen;
  /** The client's whole answer to one of the provider's, an object or bytes. */
  whole(answer: object | string | Buffer): Seen;
  /** What a client has of a stream in these pieces. */
  stream(...chunks: (string | Buffer)[]): Streamed;
}

export interface Streamed {
  text: string;
  /** The data of its events. */
  events: Seen[];
  finished: boolean;
  error: string | undefined;
  flow: Flow;
}

/** A client's request, with the least that its API wants, and a provider. */
export function pair(client: Client, to: ProviderKind | Candidate, more: object = {}): Pair {
  const candidate = typeof to === "string" ? candidateOf(to) : to;
  const shape = shapeOf(asked(client, { ...hello[client], ...more }), candidate);
  return {
    shape,
    sent: JSON.parse(shape.body.toString()),
    whole(answer) {
      const bytes = Buffer.isBuffer(answer)
        ? answer
        : Buffer.from(typeof answer === "string" ? answer : JSON.stringify(answer));
      return JSON.parse(shape.whole(bytes).body.toString());
    },
    stream: (...chunks) =>
      run(
        shape.flow(),
        chunks.map((chunk) => Buffer.from(chunk as string)),
      ),
  };
}

/** As the gateway runs a flow (call/attempt.ts): what ends without its end is a cut stream. */
export function run(flow: Flow, chunks: readonly Buffer[]): Streamed {
  let text = "";
  for (const chunk of chunks) {
    text += flow.push(chunk);
    if (flow.error !== undefined) break;
  }
  if (flow.error === undefined) text += flow.rest();
  const finished = flow.error === undefined && flow.finished;
  if (finished) text += flow.end();
  return { text, events: eventsIn(text), finished, error: flow.error, flow };
}

/** The data of events as clients read them. */
export function eventsIn(text: string): Seen[] {
  return text.split("\n\n").flatMap((event) => {
    const lines = event.split("\n").filter((line) => line.startsWith("data: "));
    const data = lines.map((line) => line.slice(6)).join("\n");
    return data === "" || data === "[DONE]" ? [] : [JSON.parse(data)];
  });
}

/** Chunks of chat completions with these deltas, and an end. */
export function chunks(deltas: readonly object[], finish: string | null = "stop"): string {
  const ended = finish === null ? [] : [chunk({}, finish)];
  return [...deltas.map((delta) => chunk(delta)), ...ended].join("") + (finish === null ? "" : "data: [DONE]\n\n");
}

export function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** A whole chat completion. */
export function completion(message: object, finish = "stop") {
  return {
    id: "c",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
  };
}

/** A stream of Anthropic's with these blocks, each in pieces. */
export function messageEvents(
  blocks: readonly { block: object; deltas?: readonly object[] }[],
  reason = "end_turn",
): string {
  const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const usage = { input_tokens: 3, output_tokens: 1 };
  return [
    event("message_start", { message: { id: "msg", type: "message", role: "assistant", content: [], usage } }),
    ...blocks.flatMap(({ block, deltas = [] }, index) => [
      event("content_block_start", { index, content_block: block }),
      ...deltas.map((delta) => event("content_block_delta", { index, delta })),
      event("content_block_stop", { index }),
    ]),
    event("message_delta", { delta: { stop_reason: reason }, usage: { output_tokens: 5 } }),
    event("message_stop", {}),
  ].join("");
}

/** A stream of Converse. */
export function converseEvents(events: readonly [string, object][]): Buffer {
  return Buffer.concat(
    events.map(([type, payload]) =>
      encodeMessage(
        { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
        Buffer.from(JSON.stringify(payload)),
      ),
    ),
  );
}

/** What a client's library puts together from an answer, whole or streamed, of any API. */
export interface Said {
  text: string;
  reasoning: string;
  refusal: string;
  calls: { id: string; name: string; arguments: string }[];
  end: string | undefined;
}

/** @param answer a whole answer, or the events of a stream */
export function said(client: Client, answer: Seen): Said {
  return Array.isArray(answer) ? streamed[client](answer) : wholes[client](answer);
}

const wholes: Record<Client, (answer: Seen) => Said> = {
  chat({ choices: [{ message, finish_reason: end }] }) {
    return {
      text: message.content ?? "",
      reasoning: message.reasoning_content ?? "",
      refusal: message.refusal ?? "",
      calls: (message.tool_calls ?? []).map(({ id, function: called }: Seen) => ({ id, ...called })),
      end,
    };
  },
  messages({ content, stop_reason: end }) {
    const texts = (type: string, field: string) =>
      content.flatMap((block: Seen) => (block.type === type ? [block[field]] : [])).join("");
    const calls = content.filter(({ type }: Seen) => type === "tool_use");
    return {
      text: texts("text", "text"),
      reasoning: texts("thinking", "thinking"),
      refusal: "",
      calls: calls.map(({ id, name, input }: Seen) => ({ id, name, arguments: JSON.stringify(input) })),
      end,
    };
  },
  responses({ output, status, incomplete_details: details }) {
    const parts = output.flatMap(({ content = [] }: Seen) => content);
    const pick = (type: string, field: string) =>
      parts.flatMap((part: Seen) => (part.type === type ? [part[field]] : [])).join("");
    return {
      text: pick("output_text", "text"),
      reasoning: output.flatMap(({ summary = [] }: Seen) => summary.map(({ text }: Seen) => text)).join(""),
      refusal: pick("refusal", "refusal"),
      calls: output
        .filter(({ type }: Seen) => type === "function_call")
        .map(({ call_id: id, name, arguments: given }: Seen) => ({ id, name, arguments: given })),
      end: details?.reason ?? status,
    };
  },
};

const streamed: Record<Client, (events: Seen[]) => Said> = {
  chat(events) {
    const message: Seen = { content: "", reasoning_content: "", refusal: "", tool_calls: [] };
    let end: string | undefined;
    for (const { choices } of events) {
      const [{ delta = {}, finish_reason: reason = null } = {}] = choices ?? [];
      for (const field of ["content", "reasoning_content", "refusal"]) message[field] += delta[field] ?? "";
      for (const { index, id, function: called } of delta.tool_calls ?? []) {
        message.tool_calls[index] ??= { id, function: { name: called.name, arguments: "" } };
        message.tool_calls[index].function.arguments += called.arguments ?? "";
      }
      end = reason ?? end;
    }
    return wholes.chat({ choices: [{ message, finish_reason: end }] });
  },
  messages(events) {
    const content: Seen[] = [];
    const inputs: string[] = [];
    let end: string | undefined;
    for (const { type, index, content_block: block, delta } of events) {
      if (type === "content_block_start") content[index] = { ...block };
      if (delta?.text) content[index].text += delta.text;
      if (delta?.thinking) content[index].thinking += delta.thinking;
      if (delta?.partial_json) inputs[index] = (inputs[index] ?? "") + delta.partial_json;
      if (type === "message_delta") end = delta.stop_reason;
    }
    for (const [index, text] of inputs.entries()) if (text !== undefined) content[index].input = JSON.parse(text);
    return wholes.messages({ content, stop_reason: end });
  },
  responses(events) {
    const last = events.findLast(({ response }) => response?.output);
    return wholes.responses(last?.response ?? { output: [], status: undefined });
  },
};
