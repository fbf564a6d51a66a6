import { errorIn } from "../../wire/error-text.ts";
import { type ResponsesUsage, responsesTokens } from "../../wire/scan.ts";
import { eventReader } from "../event-reader.ts";
import { type Fields, withoutNulls, wordOf } from "../fields.ts";
import type { AnswerReader, FinishReason, Step } from "../model.ts";
import { unsealed } from "../reasoning.ts";

/** Answers of OpenAI's responses. */
export const responsesAnswers: AnswerReader = {
  whole(body) {
    const { id = "", model = "", output, usage, ...rest } = withoutNulls(body) as Fields;
    if (!Array.isArray(output) || rest.status === "failed")
      throw new Error(errorIn(rest).message ?? "it has no output");
    const steps = (output as Fields[]).flatMap((item, index) => itemSteps(item, index));
    return {
      id: wordOf(id).replace(/^resp_/, ""),
      model: wordOf(model),
      steps: [...steps, { is: "finish", reason: finishOf(rest) }],
      tokens: usage ? responsesTokens(usage as ResponsesUsage) : undefined,
    };
  },
  reader() {
    return eventReader(({ type, delta, output_index: at, item, response }, state) => {
      const text = typeof delta === "string" ? delta : "";
      const index = Number(at ?? 0);
      if (type === "response.output_text.delta") return [{ is: "text", text }];
      if (type === "response.refusal.delta") return [{ is: "refusal", text }];
      if (type === "response.reasoning_summary_text.delta" || type === "response.reasoning_text.delta") {
        return [{ is: "reasoning", text }];
      }
      if (type === "response.function_call_arguments.delta") return [{ is: "arguments", index, text }];
      const of = (item ?? {}) as Fields;
      if (type === "response.output_item.added" && of.type === "function_call") return [begun(of, index)];
      if (type === "response.output_item.done" && of.type === "reasoning") return proof(of);
      if (type !== "response.completed" && type !== "response.incomplete" && type !== "response.failed") return [];
      const whole = (response ?? {}) as Fields;
      if (whole.usage) state.tokens = responsesTokens(whole.usage as ResponsesUsage);
      if (type === "response.failed") state.error = errorIn(whole).message ?? "The provider failed.";
      state.finished = true;
      return [{ is: "finish", reason: finishOf(whole) }];
    });
  },
};

function itemSteps(item: Fields, index: number): Step[] {
  if (item.type === "function_call") {
    return [begun(item, index), { is: "arguments", index, text: wordOf(item.arguments) }];
  }
  const parts = [item.content, item.summary].flatMap((list) => (Array.isArray(list) ? (list as Fields[]) : []));
  if (item.type === "reasoning") {
    return [...parts.map(({ text }): Step => ({ is: "reasoning", text: wordOf(text) })), ...proof(item)];
  }
  return parts.flatMap(({ type, text, refusal }): Step[] => {
    if (type === "refusal") return [{ is: "refusal", text: wordOf(refusal) }];
    return type === "output_text" ? [{ is: "text", text: wordOf(text) }] : [];
  });
}

function begun({ call_id: id, name }: Fields, index: number): Step {
  return { is: "call", index, id: wordOf(id), name: wordOf(name) };
}

function proof({ encrypted_content: encrypted }: Fields): Step[] {
  const { signature, redacted } = unsealed(encrypted) ?? {};
  if (redacted !== undefined) return [{ is: "redacted", data: redacted }];
  return signature === undefined ? [] : [{ is: "signature", text: signature }];
}

function finishOf({ status, incomplete_details: details }: Fields): FinishReason {
  if (status !== "incomplete") return "stop";
  return (details as Fields | undefined)?.reason === "content_filter" ? "content_filter" : "length";
}
