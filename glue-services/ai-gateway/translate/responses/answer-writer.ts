import type { Tokens } from "../../usage/usage.ts";
import { type Fields, withoutNulls } from "../fields.ts";
import type { Answer, FinishReason, Part, StepWriter } from "../model.ts";
import { legalId, rules } from "../names.ts";
import { ownReasoning, sealed } from "../reasoning.ts";
import { type Item, inSequence } from "../sequence.ts";

/** A whole answer as a response. @param body the request, parts of which the answer repeats */
export function responsesAnswer({ id, model, parts, finish, tokens }: Answer, body: Fields): string {
  const output = parts.map((part, at) => itemOf(part, id, at));
  return JSON.stringify(response(`resp_${id}`, model, body, { output, tokens: tokens ?? noTokens, finish }));
}

const noTokens: Tokens = { input: 0, cached: 0, output: 0 };

function itemOf(part: Part, id: string, at: number): object {
  if (part.is === "call") return callItem(part.id, part.name, part.arguments, "completed");
  if (part.is === "reasoning") return reasoningItem(`${ownReasoning}${id}_${at}`, part.text, sealed(part));
  const said = part.is === "text" || part.is === "refusal" ? part : { is: "text" as const, text: "" };
  return messageItem(`msg_${id}_${at}`, [contentOf(said)], "completed");
}

function messageItem(id: string, content: object[], status: string) {
  return { type: "message", id, status, role: "assistant", content };
}

function contentOf({ is, text }: { is: "text" | "refusal"; text: string }) {
  return is === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", text, annotations: [], logprobs: [] };
}

function callItem(call: string, name: string, given: string, status: string) {
  const call_id = legalId(call, rules.bedrock.id);
  return { type: "function_call", id: `fc_${call_id}`, call_id, name, arguments: given, status };
}

function reasoningItem(id: string, text: string, encrypted_content: string | undefined) {
  const summary = text === "" ? [] : [{ type: "summary_text", text }];
  return { type: "reasoning", id, summary, ...(encrypted_content !== undefined && { encrypted_content }) };
}

interface Outcome {
  output: object[];
  tokens?: Tokens;
  /** Undefined: it is in progress. */
  finish?: FinishReason;
}

function response(id: string, model: string, body: Fields, { output, tokens, finish }: Outcome) {
  const cut = reasonOf(finish);
  const asked = withoutNulls(body);
  return {
    id,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status: finish === undefined ? "in_progress" : statusOf(finish),
    model,
    output,
    error: null,
    incomplete_details: cut === undefined ? null : { reason: cut },
    instructions: asked.instructions ?? null,
    metadata: asked.metadata ?? {},
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    temperature: asked.temperature ?? null,
    tool_choice: asked.tool_choice ?? "auto",
    tools: asked.tools ?? [],
    top_p: asked.top_p ?? null,
    usage: tokens
      ? {
          input_tokens: tokens.input,
          input_tokens_details: { cached_tokens: tokens.cached },
          output_tokens: tokens.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: tokens.input + tokens.output,
        }
      : null,
  };
}

function reasonOf(finish: FinishReason | undefined): string | undefined {
  if (finish === "length") return "max_output_tokens";
  return finish === "content_filter" ? finish : undefined;
}

function statusOf(finish: FinishReason): "completed" | "incomplete" {
  return reasonOf(finish) === undefined ? "completed" : "incomplete";
}

/** A stream of OpenAI's response events. @param body the request, parts of which the answer repeats */
export function responsesWriter(id: string, model: string, body: Fields): StepWriter {
  const done: object[] = [];
  let number = 0;
  let finish: FinishReason = "stop";
  let current = "";
  const sequencer = inSequence({ open, piece, close });
  return {
    get sequence() {
      return number;
    },
    write(step) {
      const head = number === 0 ? start() : "";
      if (step.is === "finish") finish = step.reason;
      return head + sequencer.write(step);
    },
    end(tokens) {
      const head = (number === 0 ? start() : "") + sequencer.end();
      const whole = response(id, model, body, { output: done, tokens, finish });
      return head + event(`response.${statusOf(finish)}`, { response: whole });
    },
  };

  function start(): string {
    const begun = { response: response(id, model, body, { output: [] }) };
    return event("response.created", begun) + event("response.in_progress", begun);
  }

  function open(item: Item): string {
    const at = done.length;
    if (item.is === "call") {
      const begun = callItem(item.id, item.name, "", "in_progress");
      current = begun.id;
      return added(begun);
    }
    if (item.is === "reasoning") {
      current = `${ownReasoning}${id}_${at}`;
      const part = { type: "summary_text", text: "" };
      const summary =
        item.redacted === undefined ? event("response.reasoning_summary_part.added", { ...place(0), part }) : "";
      return added(reasoningItem(current, "", undefined)) + summary;
    }
    current = `msg_${id}_${at}`;
    const part = contentOf({ is: item.is, text: "" });
    return added(messageItem(current, [], "in_progress")) + event("response.content_part.added", { ...within(), part });
  }

  function piece({ is }: Item, delta: string): string {
    if (is === "call") return event("response.function_call_arguments.delta", { ...at(), delta });
    if (is === "reasoning") return event("response.reasoning_summary_text.delta", { ...place(0), delta });
    if (is === "refusal") return event("response.refusal.delta", { ...within(), delta });
    return event("response.output_text.delta", { ...within(), delta, logprobs: [] });
  }

  function close(item: Item): string {
    if (item.is === "call") {
      const { name, text } = item;
      const ended = event("response.function_call_arguments.done", { ...at(), name, arguments: text });
      return ended + finished(callItem(item.id, name, text, "completed"));
    }
    if (item.is === "reasoning") {
      const { text } = item;
      const part = { type: "summary_text", text };
      const ended =
        item.redacted === undefined
          ? event("response.reasoning_summary_text.done", { ...place(0), text }) +
            event("response.reasoning_summary_part.done", { ...place(0), part })
          : "";
      return ended + finished(reasoningItem(current, text, sealed(item)));
    }
    const part = contentOf({ is: item.is, text: item.text });
    const ended =
      item.is === "refusal"
        ? event("response.refusal.done", { ...within(), refusal: item.text })
        : event("response.output_text.done", { ...within(), text: item.text, logprobs: [] });
    return (
      ended +
      event("response.content_part.done", { ...within(), part }) +
      finished(messageItem(current, [part], "completed"))
    );
  }

  function at() {
    return { item_id: current, output_index: done.length };
  }

  function within() {
    return { ...at(), content_index: 0 };
  }

  function place(summary_index: number) {
    return { ...at(), summary_index };
  }

  function added(item: object): string {
    return event("response.output_item.added", { output_index: done.length, item });
  }

  function finished(item: object): string {
    const text = event("response.output_item.done", { output_index: done.length, item });
    done.push(item);
    return text;
  }

  function event(type: string, data: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...data })}\n\n`;
  }
}
