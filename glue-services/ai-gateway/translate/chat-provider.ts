import type { Tokens } from "../usage/usage.ts";
import { dataOf, isWellFormed, splitEvents } from "../wire/events.ts";
import { type ChatUsage, chatTokens } from "../wire/scan.ts";
import type { ChatAnswer, ChatRequest, FinishReason, Step, StepReader, ToolCall } from "./chat.ts";

/** For providers of chat completions when the client speaks another API. */
export function chatRequest(chat: ChatRequest): string {
  return JSON.stringify({ ...chat, ...(chat.stream && { stream_options: { include_usage: true } }) });
}

interface Completion {
  id?: string;
  model?: string;
  choices?: { message?: { content?: string | null; tool_calls?: ToolCall[] }; finish_reason?: string | null }[];
  usage?: ChatUsage;
}

/** @throws Error when it is no chat completion */
export function readChat(body: Buffer): ChatAnswer {
  const { id = "", model = "", choices, usage } = JSON.parse(body.toString()) as Completion;
  const [choice] = choices ?? [];
  if (!choice?.message) throw new Error("it has no choice");
  return {
    id,
    model,
    text: choice.message.content ?? null,
    calls: choice.message.tool_calls ?? [],
    finish: finishOf(choice.finish_reason),
    tokens: usage && chatTokens(usage),
  };
}

interface Chunk {
  choices?: {
    delta?: {
      content?: string | null;
      tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[];
    };
    finish_reason?: string | null;
  }[];
  usage?: ChatUsage | null;
  error?: { message?: string } | string;
}

export function chatReader(): StepReader {
  const splitter = splitEvents();
  const calls = new Set<number>();
  let finished = false;
  let error: string | undefined;
  let tokens: Tokens | undefined;
  return {
    push: (chunk) => splitter.push(chunk).filter(isWellFormed).flatMap(read),
    get finished() {
      return finished;
    },
    get error() {
      return error;
    },
    get tokens() {
      return tokens;
    },
  };

  function read(event: string): Step[] {
    const data = dataOf(event);
    if (data === undefined) return [];
    if (data.trim() === "[DONE]") {
      finished = true;
      return [];
    }
    const { choices = [], usage, error: said } = JSON.parse(data) as Chunk;
    if (said) error = typeof said === "string" ? said : (said.message ?? "The provider failed.");
    if (usage) tokens = chatTokens(usage);
    const [choice] = choices;
    const steps: Step[] = [];
    if (choice?.delta?.content) steps.push({ is: "text", text: choice.delta.content });
    for (const { index: given, id, function: called } of choice?.delta?.tool_calls ?? []) {
      // Google's server leaves the number out: a call with an id of its own is a new one.
      const index = given ?? (id === undefined ? Math.max(0, calls.size - 1) : calls.size);
      if (!calls.has(index)) {
        calls.add(index);
        steps.push({ is: "call", index, id: id ?? `call_${index}`, name: called?.name ?? "" });
      }
      if (called?.arguments) steps.push({ is: "arguments", index, text: called.arguments });
    }
    if (choice?.finish_reason) {
      finished = true;
      steps.push({ is: "finish", reason: finishOf(choice.finish_reason) });
    }
    return steps;
  }
}

function finishOf(reason: string | null | undefined): FinishReason {
  return reason === "length" || reason === "tool_calls" || reason === "content_filter" ? reason : "stop";
}
