import type { Tokens } from "../../usage/usage.ts";
import { errorIn, errorOf } from "../../wire/error-text.ts";
import { type ReaderState, stateReader } from "../event-reader.ts";
import { splitMessages } from "../event-stream.ts";
import { type Fields, withoutNulls, wordOf } from "../fields.ts";
import type { AnswerReader, FinishReason, Step } from "../model.ts";
import { newId } from "../names.ts";

/** Answers of Bedrock's Converse. @param form name of the tool whose input is the answer's text */
export function converseAnswers(form?: string): AnswerReader {
  return {
    whole(body) {
      const { output, stopReason, usage, ...rest } = withoutNulls(body) as Fields;
      const content = ((output as Fields | undefined)?.message as Fields | undefined)?.content;
      if (!Array.isArray(content)) throw new Error(errorIn(rest).message ?? "it has no message");
      const blocks = blockReader(form);
      const steps = (content as Fields[]).flatMap((block, index) => [
        ...blocks.take(index, block),
        ...blocks.end(index),
      ]);
      return {
        id: `bedrock-${crypto.randomUUID()}`,
        model: "",
        steps: [...steps, { is: "finish", reason: blocks.formed ? "stop" : finishOf(stopReason) }],
        tokens: usage ? tokensOf(usage as ConverseUsage) : undefined,
      };
    },
    reader() {
      const splitter = splitMessages();
      const blocks = blockReader(form);
      const state: ReaderState = { finished: false, error: undefined, tokens: undefined };
      return stateReader(state, {
        rest: () => [],
        push: (chunk) =>
          splitter.push(chunk).flatMap(({ headers, payload }) => {
            if (headers[":message-type"] === "exception" || headers[":message-type"] === "error") {
              const type = headers[":exception-type"] ?? headers[":error-code"];
              state.error = errorOf(payload).message ?? headers[":error-message"] ?? type ?? "The provider failed.";
              return [];
            }
            return read(headers[":event-type"] ?? "", withoutNulls(JSON.parse(payload.toString())) as Fields);
          }),
      });

      function read(type: string, event: Fields): Step[] {
        const { contentBlockIndex: at = 0, start, delta, stopReason, usage } = event;
        const index = Number(at);
        if (type === "metadata" && usage) state.tokens = tokensOf(usage as ConverseUsage);
        if (type === "contentBlockStop") return blocks.end(index);
        if (type === "messageStop") {
          state.finished = true;
          return [{ is: "finish", reason: blocks.formed ? "stop" : finishOf(stopReason) }];
        }
        return blocks.take(index, (start ?? delta ?? {}) as Fields);
      }
    },
  };
}

interface ConverseUsage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadInputTokens?: number;
  cacheWriteInputTokens?: number;
  /** What it wrote, by how long it is kept: `5m` or `1h`. */
  cacheDetails?: { ttl?: string; inputTokens?: number }[];
}

function blockReader(form: string | undefined) {
  /** Blocks that are tool calls: their number among those; -1 for the answer's form. */
  const calls = new Map<number, { number: number; filled: boolean }>();
  let formed = false;
  return {
    take(index: number, { text, toolUse, reasoningContent }: Fields): Step[] {
      return [
        ...reasoning(reasoningContent),
        ...filled("text", text),
        ...(toolUse ? use(index, toolUse as Fields) : []),
      ];
    },
    end(index: number): Step[] {
      const call = calls.get(index);
      if (!call || call.filled) return [];
      call.filled = true;
      return [piece(call.number, "{}")];
    },
    get formed() {
      return formed;
    },
  };

  function use(index: number, { toolUseId: id, name, input }: Fields): Step[] {
    const steps: Step[] = [];
    let call = calls.get(index);
    if (!call) {
      const isForm = form !== undefined && name === form;
      call = { number: isForm ? -1 : [...calls.values()].filter(({ number }) => number >= 0).length, filled: false };
      calls.set(index, call);
      if (isForm) formed = true;
      else {
        const known = typeof id === "string" && id !== "" ? id : newId();
        steps.push({ is: "call", index: call.number, id: known, name: wordOf(name) });
      }
    }
    const text = typeof input === "string" ? input : input === undefined ? "" : JSON.stringify(input);
    if (text === "") return steps;
    call.filled = true;
    return [...steps, piece(call.number, text)];
  }
}

function reasoning(content: unknown): Step[] {
  if (typeof content !== "object" || content === null) return [];
  const { reasoningText, redactedContent, text, signature } = content as Fields;
  const said = { text, signature, ...(reasoningText as Fields | undefined) } as Fields;
  return [
    ...filled("reasoning", said.text),
    ...(typeof said.signature === "string" && said.signature !== ""
      ? [{ is: "signature" as const, text: said.signature }]
      : []),
    ...(typeof redactedContent === "string" ? [{ is: "redacted" as const, data: redactedContent }] : []),
  ];
}

function piece(number: number, text: string): Step {
  return number < 0 ? { is: "text", text } : { is: "arguments", index: number, text };
}

function filled(is: "text" | "reasoning", text: unknown): Step[] {
  return typeof text === "string" && text !== "" ? [{ is, text }] : [];
}

/** Bedrock counts what it read from its cache, and wrote into it, beside the input. */
function tokensOf({
  inputTokens = 0,
  outputTokens = 0,
  cacheReadInputTokens: cached = 0,
  cacheWriteInputTokens: written = 0,
  cacheDetails = [],
}: ConverseUsage): Tokens {
  const writtenHour = cacheDetails.reduce((sum, { ttl, inputTokens: n = 0 }) => sum + (ttl === "1h" ? n : 0), 0);
  return {
    ...{ input: inputTokens + cached + written, cached, output: outputTokens },
    ...(written > 0 && { written, writtenHour }),
  };
}

function finishOf(reason: unknown): FinishReason {
  if (reason === "max_tokens" || reason === "model_context_window_exceeded") return "length";
  if (reason === "tool_use") return "tool_calls";
  return reason === "guardrail_intervened" || reason === "content_filtered" ? "content_filter" : "stop";
}
