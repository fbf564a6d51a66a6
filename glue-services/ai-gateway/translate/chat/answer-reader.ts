import { errorIn } from "../../wire/error-text.ts";
import { type ChatUsage, chatTokens } from "../../wire/scan.ts";
import { eventReader } from "../event-reader.ts";
import { type Fields, withoutNulls, wordOf } from "../fields.ts";
import { signatureSteps } from "../google-signature.ts";
import type { AnswerReader, FinishReason, Step } from "../model.ts";
import { fromDetails } from "../reasoning.ts";
import { toolCalls } from "../tool-deltas.ts";

/** Answers of chat completions, of whatever server. */
export const chatAnswers: AnswerReader = {
  whole(body) {
    const { id = "", model = "", choices, usage, ...rest } = withoutNulls(body) as Fields;
    const [choice] = (Array.isArray(choices) ? choices : []) as Fields[];
    const message = choice?.message ?? choice?.delta;
    if (!choice || typeof message !== "object") {
      throw new Error(errorIn(rest).message ?? "it has no choice");
    }
    const read = deltaReader();
    const steps = read.delta(message as Fields, true);
    if (read.nameless) throw new Error("a tool call has no name");
    const reason = finishOf(choice.finish_reason);
    return {
      id: wordOf(id),
      model: wordOf(model),
      steps: reason ? [...steps, { is: "finish", reason }] : steps,
      tokens: usage ? chatTokens(usage as ChatUsage) : undefined,
    };
  },
  reader() {
    const read = deltaReader();
    let said = false;
    return eventReader(({ choices, usage }, state) => {
      if (usage) state.tokens = chatTokens(usage as ChatUsage);
      const [choice] = (Array.isArray(choices) ? choices : []) as Fields[];
      if (!choice) return [];
      // Some servers close with the whole message, which was said already.
      const delta = choice.delta ?? (said ? undefined : choice.message);
      const steps = delta ? read.delta(delta as Fields) : [];
      if (steps.length > 0) said = true;
      const reason = finishOf(choice.finish_reason);
      if (!reason) return steps;
      if (choice.finish_reason === "error") {
        state.error = "The provider failed in the middle of its answer.";
        return steps;
      }
      if (read.nameless) {
        state.error = "A tool call of the provider has no name.";
        return steps;
      }
      state.finished = true;
      return [...steps, { is: "finish", reason }];
    });
  },
};

function deltaReader() {
  const calls = toolCalls();
  return {
    delta(delta: Fields, whole = false): Step[] {
      const { content, refusal, tool_calls: deltas, function_call: legacy } = delta;
      return [
        ...reasoningSteps(delta),
        ...contentSteps(content),
        ...(typeof refusal === "string" && refusal !== "" ? [{ is: "refusal" as const, text: refusal }] : []),
        ...(Array.isArray(deltas) ? signatureSteps(deltas) : []),
        ...calls[whole ? "whole" : "take"](
          Array.isArray(deltas) ? deltas : legacy ? [{ index: 0, function: legacy }] : [],
        ),
      ];
    },
    get nameless() {
      return calls.nameless;
    },
  };
}

/** Servers name it differently, and some say it twice. */
function reasoningSteps(delta: Fields): Step[] {
  const details = fromDetails(delta.reasoning_details);
  const plain = [delta.reasoning_content, delta.reasoning, delta.thinking].find(
    (one): one is string => typeof one === "string" && one !== "",
  );
  const steps: Step[] = plain === undefined ? [] : [{ is: "reasoning", text: plain }];
  for (const { text, signature, redacted } of details) {
    if (plain === undefined && text !== "" && signature === undefined) steps.push({ is: "reasoning", text });
    if (redacted !== undefined) steps.push({ is: "redacted", data: redacted });
    if (signature !== undefined) steps.push({ is: "signature", text: signature });
  }
  return steps;
}

/** A text, or Mistral's list of parts. */
function contentSteps(content: unknown): Step[] {
  if (typeof content === "string") return content === "" ? [] : [{ is: "text", text: content }];
  const parts = Array.isArray(content) ? content : typeof content === "object" && content !== null ? [content] : [];
  return parts.flatMap((part: unknown): Step[] => {
    if (typeof part === "string") return [{ is: "text", text: part }];
    if (typeof part !== "object" || part === null) return [];
    const { type, text, thinking, reasoning, refusal } = part as Fields;
    if (type === "thinking" || type === "reasoning")
      return [{ is: "reasoning", text: joined(thinking ?? reasoning ?? text) }];
    if (type === "refusal") return [{ is: "refusal", text: joined(refusal) }];
    return typeof text === "string" ? [{ is: "text", text }] : [];
  });
}

function joined(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(joined).join("");
  return typeof value === "object" && value !== null ? joined((value as Fields).text) : "";
}

const reasons: Record<string, FinishReason> = {
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool_calls",
  tool_use: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  safety: "content_filter",
  recitation: "content_filter",
};

/** Undefined as long as nothing is said: null, or an empty text. */
function finishOf(reason: unknown): FinishReason | undefined {
  if (typeof reason !== "string" || reason === "") return undefined;
  return reasons[reason.toLowerCase()] ?? "stop";
}
