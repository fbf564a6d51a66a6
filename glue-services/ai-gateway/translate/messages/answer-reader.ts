import { errorIn } from "../../wire/error-text.ts";
import { type MessagesUsage, messagesTokens } from "../../wire/scan.ts";
import { eventReader } from "../event-reader.ts";
import { type Fields, withoutNulls, wordOf } from "../fields.ts";
import type { AnswerReader, FinishReason, Step } from "../model.ts";
import { newId } from "../names.ts";
import { signatureOf } from "../reasoning.ts";

/** Answers of Anthropic's messages. @param form name of the tool whose input is the answer's text */
export function messagesAnswers(form?: string): AnswerReader {
  return {
    whole(body) {
      const { id = "", model = "", content, stop_reason: reason, usage, ...rest } = withoutNulls(body) as Fields;
      if (!Array.isArray(content)) throw new Error(errorIn(rest).message ?? "it has no content");
      const blocks = blockReader(form);
      const steps = (content as Fields[]).flatMap((block, index) => [
        ...blocks.begin(index, block),
        ...blocks.end(index),
      ]);
      return {
        id: wordOf(id),
        model: wordOf(model),
        steps: [...steps, { is: "finish", reason: blocks.formed ? "stop" : finishOf(reason) }],
        tokens: usage ? messagesTokens(usage as MessagesUsage, undefined) : undefined,
      };
    },
    reader() {
      const blocks = blockReader(form);
      return eventReader((event, state) => {
        const { type, index: given, content_block: block, delta, usage, message } = event;
        const counted = usage ?? (message as Fields | undefined)?.usage;
        if (counted) state.tokens = messagesTokens(counted as MessagesUsage, state.tokens);
        const index = typeof given === "number" ? given : blocks.last;
        if (type === "message_stop") state.finished = true;
        if (type === "content_block_start") return blocks.begin(index, (block ?? {}) as Fields);
        if (type === "content_block_delta") return blocks.delta(index, (delta ?? {}) as Fields);
        if (type === "content_block_stop") return blocks.end(index);
        const reason = type === "message_delta" ? (delta as Fields | undefined)?.stop_reason : undefined;
        return reason ? [{ is: "finish", reason: blocks.formed ? "stop" : finishOf(reason) }] : [];
      });
    },
  };
}

interface Block {
  is: "call" | "form" | "reasoning" | "other";
  call: number;
  /** Input that stood in the head; it counts when no piece follows. */
  input: string;
  pieces: boolean;
}

function blockReader(form: string | undefined) {
  const blocks = new Map<number, Block>();
  let calls = 0;
  let formed = false;
  let last = 0;
  return {
    begin(index: number, block: Fields): Step[] {
      last = index;
      const { type, text, id, name, input, thinking, signature, data } = block;
      const entry: Block = { is: "other", call: calls, input: "", pieces: false };
      blocks.set(index, entry);
      if (type === "redacted_thinking") return [{ is: "redacted", data: wordOf(data) }];
      if (type === "thinking") {
        entry.is = "reasoning";
        const signed = signatureOf(signature);
        return [...filled("reasoning", thinking), ...(signed ? [{ is: "signature" as const, text: signed }] : [])];
      }
      if (type !== "tool_use") return filled("text", text);
      if (typeof input === "object" && input !== null && Object.keys(input).length > 0)
        entry.input = JSON.stringify(input);
      if (typeof input === "string") entry.input = input;
      if (name === form && form !== undefined) {
        formed = true;
        entry.is = "form";
        return [];
      }
      entry.is = "call";
      calls++;
      const known = typeof id === "string" && id !== "" ? id : newId();
      return [{ is: "call", index: entry.call, id: known, name: wordOf(name) }];
    },
    delta(index: number, delta: Fields): Step[] {
      const block = blocks.get(index);
      const { text, thinking, signature, partial_json: json } = delta;
      if (typeof json === "string" && json !== "" && block) {
        block.pieces = true;
        return [piece(block, json)];
      }
      const signed = signatureOf(signature);
      return [
        ...filled("text", text),
        ...filled("reasoning", thinking),
        ...(signed ? [{ is: "signature" as const, text: signed }] : []),
      ];
    },
    end(index: number): Step[] {
      const block = blocks.get(index);
      if (!block || block.pieces || (block.is !== "call" && block.is !== "form")) return [];
      block.pieces = true;
      return [piece(block, block.input || "{}")];
    },
    get formed() {
      return formed;
    },
    get last() {
      return last;
    },
  };
}

function piece({ is, call }: Block, text: string): Step {
  return is === "form" ? { is: "text", text } : { is: "arguments", index: call, text };
}

function filled(is: "text" | "reasoning", text: unknown): Step[] {
  return typeof text === "string" && text !== "" ? [{ is, text }] : [];
}

function finishOf(reason: unknown): FinishReason {
  if (reason === "max_tokens" || reason === "model_context_window_exceeded") return "length";
  if (reason === "tool_use") return "tool_calls";
  return reason === "refusal" ? "content_filter" : "stop";
}
