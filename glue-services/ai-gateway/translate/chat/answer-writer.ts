import type { Tokens } from "../../usage/usage.ts";
import { type Answer, type Step, type StepWriter, textsOf } from "../model.ts";
import { isReasoning, toDetails } from "../reasoning.ts";

/** A whole answer as a chat completion. */
export function chatAnswer({ id, model, parts, finish, tokens }: Answer): string {
  const texts = parts.filter(({ is }) => is === "text");
  const refusals = parts.filter(({ is }) => is === "refusal");
  const reasoning = parts.filter(isReasoning);
  const thought = reasoning.map(({ text }) => text).join("");
  const details = toDetails(reasoning);
  const calls = parts.flatMap((part) =>
    part.is === "call"
      ? [{ id: part.id, type: "function", function: { name: part.name, arguments: part.arguments } }]
      : [],
  );
  const message = {
    role: "assistant",
    content: texts.length > 0 ? textsOf(texts) : null,
    refusal: refusals.length > 0 ? textsOf(refusals) : null,
    ...(thought !== "" && { reasoning_content: thought }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return JSON.stringify({
    id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(tokens && { usage: chatUsage(tokens) }),
  });
}

/** A stream of chat completion chunks. */
export function chatWriter(id: string, model: string, wantsUsage: boolean): StepWriter {
  const head = { id, object: "chat.completion.chunk", created: Math.floor(Date.now() / 1000), model };
  let begun = false;
  let thought = "";
  let details = 0;
  return {
    sequence: 0,
    write(step) {
      const first = begun ? "" : event({ role: "assistant", content: "" });
      begun = true;
      return first + written(step);
    },
    end: (tokens: Tokens) =>
      `${wantsUsage ? line({ ...head, choices: [], usage: chatUsage(tokens) }) : ""}data: [DONE]\n\n`,
  };

  function written(step: Step): string {
    if (step.is === "text") return event({ content: step.text });
    if (step.is === "refusal") return event({ refusal: step.text });
    if (step.is === "finish") return event({}, step.reason);
    if (step.is === "reasoning") {
      thought += step.text;
      return event({ reasoning_content: step.text });
    }
    if (step.is === "signature") {
      const signed = toDetails([{ is: "reasoning", text: thought, signature: step.text }], details++);
      thought = "";
      return event({ reasoning_details: signed });
    }
    if (step.is === "redacted") {
      return event({ reasoning_details: toDetails([{ is: "reasoning", text: "", redacted: step.data }], details++) });
    }
    if (step.is === "arguments") {
      return event({ tool_calls: [{ index: step.index, function: { arguments: step.text } }] });
    }
    const { index, id: call, name } = step;
    return event({ tool_calls: [{ index, id: call, type: "function", function: { name, arguments: "" } }] });
  }

  function event(delta: object, finish: string | null = null): string {
    return line({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  }
}

function chatUsage({ input, cached, output }: Tokens) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

function line(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
