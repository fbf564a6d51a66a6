import type { Tokens } from "../usage/usage.ts";
import type { Body } from "../wire/shape.ts";
import {
  argumentsOf,
  type ChatAnswer,
  type ChatRequest,
  type FinishReason,
  type Message,
  type Part,
  type Step,
  type StepWriter,
  type ToolCall,
  type ToolChoice,
} from "./chat.ts";

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string | Block[];
  title?: string;
  source?: { type: string; media_type?: string; data?: string; url?: string };
}

/** A request of Anthropic's messages as a chat. */
export function fromMessages(body: Body, model: string): ChatRequest {
  const { system, messages, tools, tool_choice: choice, stop_sequences: stop, max_tokens, temperature, top_p } = body;
  const said = (messages ?? []) as { role: string; content: string | Block[] }[];
  return {
    model,
    messages: [
      ...(system ? [{ role: "system" as const, content: plain(system as string | Block[]) }] : []),
      ...said.flatMap(messagesOf),
    ],
    ...(body.stream === true && { stream: true }),
    ...(max_tokens !== undefined && { max_tokens: max_tokens as number }),
    ...(temperature !== undefined && { temperature: temperature as number }),
    ...(top_p !== undefined && { top_p: top_p as number }),
    ...(Array.isArray(stop) && stop.length > 0 && { stop: stop as string[] }),
    ...(Array.isArray(tools) && tools.length > 0 && { tools: tools.map(toolOf) }),
    ...(choice ? { tool_choice: choiceOf(choice as { type: string; name?: string }) } : {}),
  };
}

function toolOf({
  name,
  description,
  input_schema: parameters,
}: {
  name: string;
  description?: string;
  input_schema?: object;
}) {
  return {
    type: "function" as const,
    function: { name, ...(description && { description }), ...(parameters && { parameters }) },
  };
}

function choiceOf({ type, name = "" }: { type: string; name?: string }): ToolChoice {
  if (type === "tool") return { type: "function", function: { name } };
  return type === "any" ? "required" : type === "none" ? "none" : "auto";
}

function messagesOf({ role, content }: { role: string; content: string | Block[] }): Message[] {
  if (typeof content === "string") return [{ role: role as "user" | "assistant", content }];
  const results: Message[] = content
    .filter(({ type }) => type === "tool_result")
    .map((one) => ({ role: "tool", tool_call_id: one.tool_use_id ?? "", content: plain(one.content ?? "") }));
  // A chat's answers of tools are texts: pictures in them follow as the user's.
  const shown = content.flatMap((one) => (Array.isArray(one.content) ? one.content.flatMap(pictureOf) : []));
  const parts = [...shown, ...content.flatMap(partOf)];
  const calls: ToolCall[] = content
    .filter(({ type }) => type === "tool_use")
    .map(({ id = "", name = "", input }) => ({
      id,
      type: "function",
      function: { name, arguments: JSON.stringify(input ?? {}) },
    }));
  if (parts.length === 0 && calls.length === 0) return results;
  const only = parts.length === 1 && parts[0]?.type === "text" ? String(parts[0].text) : undefined;
  const message: Message = {
    role: role as "user" | "assistant",
    content: only ?? (parts.length > 0 ? parts : null),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return [...results, message];
}

function partOf(block: Block): Part[] {
  const { type, text = "", source, title } = block;
  if (type === "text") return [{ type: "text", text }];
  if (type !== "document" || !source) return pictureOf(block);
  if (source.type === "text") return [{ type: "text", text: source.data ?? "" }];
  const file_data = `data:${source.media_type};base64,${source.data}`;
  return [{ type: "file", file: { file_data, filename: title ?? "document" } }];
}

function pictureOf({ type, source }: Block): Part[] {
  if (type !== "image" || !source) return [];
  const url = source.url ?? `data:${source.media_type};base64,${source.data}`;
  return [{ type: "image_url", image_url: { url } }];
}

function plain(content: string | Block[]): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n");
}

const reasons: Record<FinishReason, string> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** A whole answer as one of Anthropic's messages. */
export function messagesAnswer({ id, model, text, calls, finish, tokens }: ChatAnswer): string {
  const content = [
    ...(text ? [{ type: "text", text }] : []),
    ...calls.map(({ id: call, function: { name, arguments: given } }) => ({
      type: "tool_use",
      id: call,
      name,
      input: argumentsOf(given),
    })),
  ];
  return JSON.stringify({
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: reasons[finish],
    stop_sequence: null,
    usage: usageOf(tokens ?? { input: 0, cached: 0, output: 0 }),
  });
}

function usageOf({ input, cached, output }: Tokens) {
  return { input_tokens: input - cached, output_tokens: output, cache_read_input_tokens: cached };
}

/** A stream of Anthropic's events. */
export function messagesWriter(id: string, model: string, expected: number): StepWriter {
  let block = -1;
  let open: "text" | "tool" | undefined;
  let reason: FinishReason = "stop";
  let begun = false;
  return {
    write(step) {
      const first = begun ? "" : start();
      begun = true;
      return first + written(step);
    },
    end(tokens) {
      const head = begun ? "" : start();
      const delta = { stop_reason: reasons[reason], stop_sequence: null };
      return `${head}${close()}${event("message_delta", { delta, usage: usageOf(tokens) })}${event("message_stop", {})}`;
    },
  };

  function start(): string {
    const usage = usageOf({ input: expected, cached: 0, output: 0 });
    const message = { id, type: "message", role: "assistant", model, content: [], stop_reason: null, usage };
    return event("message_start", { message });
  }

  function written(step: Step): string {
    if (step.is === "finish") {
      ({ reason } = step);
      return "";
    }
    if (step.is === "text") {
      const head = open === "text" ? "" : begin("text", { type: "text", text: "" });
      return head + event("content_block_delta", { index: block, delta: { type: "text_delta", text: step.text } });
    }
    if (step.is === "call") return begin("tool", { type: "tool_use", id: step.id, name: step.name, input: {} });
    return event("content_block_delta", { index: block, delta: { type: "input_json_delta", partial_json: step.text } });
  }

  function begin(kind: "text" | "tool", content_block: object): string {
    const before = close();
    open = kind;
    block++;
    return before + event("content_block_start", { index: block, content_block });
  }

  function close(): string {
    const text = open ? event("content_block_stop", { index: block }) : "";
    open = undefined;
    return text;
  }
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
