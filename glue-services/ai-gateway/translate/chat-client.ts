import type { Tokens } from "../usage/usage.ts";
import { type ChatAnswer, chatUsage, type Step, type StepWriter } from "./chat.ts";

/** A whole answer as a chat completion. */
export function chatAnswer(answer: ChatAnswer): string {
  const message = {
    role: "assistant",
    content: answer.text,
    refusal: null,
    ...(answer.calls.length > 0 && { tool_calls: answer.calls }),
  };
  return JSON.stringify({
    id: answer.id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finish }],
    ...(answer.tokens && { usage: chatUsage(answer.tokens) }),
  });
}

/** A stream of chat completion chunks. */
export function chatWriter(id: string, model: string, wantsUsage: boolean): StepWriter {
  const head = { id, object: "chat.completion.chunk", created: Math.floor(Date.now() / 1000), model };
  let begun = false;
  return {
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
    if (step.is === "finish") return event({}, step.reason);
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

function line(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
