import type { Tokens } from "../../usage/usage.ts";
import { type Answer, argumentsOf, type FinishReason, type Part, type StepWriter } from "../model.ts";
import { legalId, rules } from "../names.ts";
import { unsigned } from "../reasoning.ts";
import { type Item, inSequence } from "../sequence.ts";

const reasons: Record<FinishReason, string> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** A whole answer as one of Anthropic's messages. */
export function messagesAnswer({ id, model, parts, finish, tokens }: Answer): string {
  const refused = finish === "stop" && parts.some(({ is }) => is === "refusal");
  return JSON.stringify({
    id,
    type: "message",
    role: "assistant",
    model,
    content: parts.map(blockOf),
    stop_reason: refused ? "refusal" : reasons[finish],
    stop_sequence: null,
    usage: usageOf(tokens ?? { input: 0, cached: 0, output: 0 }),
  });
}

function blockOf(part: Part): object {
  if (part.is === "call") {
    const { id, name, arguments: given } = part;
    return { type: "tool_use", id: legalId(id, rules.anthropic.id), name, input: argumentsOf(given) };
  }
  if (part.is === "reasoning") {
    const { text, signature = unsigned, redacted } = part;
    if (redacted !== undefined) return { type: "redacted_thinking", data: redacted };
    return { type: "thinking", thinking: text, signature };
  }
  return { type: "text", text: "text" in part ? part.text : "" };
}

function usageOf({ input, cached, output, written = 0 }: Tokens) {
  return {
    input_tokens: Math.max(0, input - cached - written),
    output_tokens: output,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
  };
}

/** A stream of Anthropic's events. @param expected tokens of the question, as long as nobody has counted */
export function messagesWriter(id: string, model: string, expected: number): StepWriter {
  let index = -1;
  let reason: FinishReason = "stop";
  let refused = false;
  let begun = false;
  const sequencer = inSequence({ open, piece, close });
  return {
    sequence: 0,
    write(step) {
      const first = begun ? "" : start();
      begun = true;
      if (step.is === "finish") ({ reason } = step);
      if (step.is === "refusal") refused = true;
      return first + sequencer.write(step);
    },
    end(tokens) {
      const head = (begun ? "" : start()) + sequencer.end();
      const stop_reason = refused && reason === "stop" ? "refusal" : reasons[reason];
      const delta = { stop_reason, stop_sequence: null };
      return `${head}${event("message_delta", { delta, usage: usageOf(tokens) })}${event("message_stop", {})}`;
    },
  };

  function start(): string {
    const usage = usageOf({ input: expected, cached: 0, output: 0 });
    const message = {
      id,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    return event("message_start", { message });
  }

  function open(item: Item): string {
    index++;
    return event("content_block_start", { index, content_block: emptyBlock(item) });
  }

  function piece({ is }: Item, text: string): string {
    if (is === "reasoning") return delta({ type: "thinking_delta", thinking: text });
    if (is === "call") return delta({ type: "input_json_delta", partial_json: text });
    return delta({ type: "text_delta", text });
  }

  function close(item: Item): string {
    const signed = item.is === "reasoning" && item.redacted === undefined;
    const signature = signed ? delta({ type: "signature_delta", signature: item.signature ?? unsigned }) : "";
    return signature + event("content_block_stop", { index });
  }

  function delta(one: object): string {
    return event("content_block_delta", { index, delta: one });
  }
}

function emptyBlock(item: Item): object {
  if (item.is === "call") {
    return { type: "tool_use", id: legalId(item.id, rules.anthropic.id), name: item.name, input: {} };
  }
  if (item.is !== "reasoning") return { type: "text", text: "" };
  if (item.redacted !== undefined) return { type: "redacted_thinking", data: item.redacted };
  return { type: "thinking", thinking: "", signature: "" };
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
