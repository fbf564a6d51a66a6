import { findListed } from "../prices/prices.ts";
import type { Tokens } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";
import { dataOf, isWellFormed, splitEvents } from "../wire/events.ts";
import { type MessagesUsage, messagesTokens } from "../wire/scan.ts";
import {
  argumentsOf,
  type ChatAnswer,
  type ChatRequest,
  dataUrl,
  type FilePart,
  type FinishReason,
  type ImagePart,
  type Message,
  type Part,
  type Step,
  type StepReader,
  type TextPart,
  textOf,
  unsupportedPart,
} from "./chat.ts";

/** Anthropic wants to be told how long an answer may be. */
const usualAnswer = 4096;
/** Name of the tool by which an answer of a given form is asked for. */
const formTool = "answer";

const jsonOnly = "Answer with one JSON object and nothing else.";

/** A chat as Anthropic's messages. */
export function messagesRequest(chat: ChatRequest): string {
  const system = chat.messages
    .filter(({ role }) => role === "system" || role === "developer")
    .map(({ content }) => textOf(content));
  const form = chat.response_format?.type === "json_schema" ? chat.response_format.json_schema : undefined;
  const tools = (chat.tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    ...(description && { description }),
    input_schema: parameters ?? { type: "object", properties: {} },
  }));
  if (form) tools.push({ name: formTool, description: "The answer.", input_schema: form.schema ?? { type: "object" } });
  // It has no switch for JSON of any form.
  const instructions = chat.response_format?.type === "json_object" ? [...system, jsonOnly] : system;
  const limit = chat.max_completion_tokens ?? chat.max_tokens;
  return JSON.stringify({
    model: chat.model,
    max_tokens: limit ?? Math.min(findListed("anthropic", chat.model)?.output ?? usualAnswer, 16_384),
    messages: merge(chat.messages.filter(({ role }) => role !== "system" && role !== "developer")),
    ...(instructions.length > 0 && { system: instructions.join("\n\n") }),
    ...(chat.stream && { stream: true }),
    ...(chat.temperature !== undefined && { temperature: Math.min(1, chat.temperature) }),
    ...(chat.top_p !== undefined && chat.temperature === undefined && { top_p: chat.top_p }),
    ...(chat.stop !== undefined && { stop_sequences: [chat.stop].flat() }),
    ...(tools.length > 0 && { tools }),
    ...(form ? { tool_choice: { type: "tool", name: formTool } } : choice(chat)),
    ...(chat.user && { metadata: { user_id: chat.user } }),
  });
}

function choice({ tool_choice: wanted, parallel_tool_calls: parallel, tools }: ChatRequest): object {
  if (!tools?.length) return {};
  const alone = parallel === false && { disable_parallel_tool_use: true };
  if (wanted === "none") return { tool_choice: { type: "none" } };
  if (wanted === "required") return { tool_choice: { type: "any", ...alone } };
  if (typeof wanted === "object") return { tool_choice: { type: "tool", name: wanted.function.name, ...alone } };
  return wanted === "auto" || alone ? { tool_choice: { type: "auto", ...alone } } : {};
}

/** Anthropic has two roles that take turns; answers of tools are the user's. */
function merge(messages: Message[]): { role: string; content: object[] }[] {
  const turns: { role: string; content: object[] }[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocks(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  return turns;
}

function blocks({ role, content, tool_calls: calls = [], tool_call_id: id }: Message): object[] {
  if (role === "tool") return [{ type: "tool_result", tool_use_id: id, content: textOf(content) }];
  const parts: Part[] = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  return [
    ...parts.flatMap(block),
    ...calls.map(({ id: call, function: { name, arguments: given } }) => ({
      type: "tool_use",
      id: call,
      name,
      input: argumentsOf(given),
    })),
  ];
}

function block(part: Part): object[] {
  if (part.type === "text")
    return (part as TextPart).text === "" ? [] : [{ type: "text", text: (part as TextPart).text }];
  if (part.type === "file") return [document(part as FilePart)];
  if (part.type !== "image_url") throw unsupportedPart(part, "Anthropic");
  const { url } = (part as ImagePart).image_url;
  const inline = dataUrl(url);
  const source = inline ? { type: "base64", media_type: inline.mediaType, data: inline.data } : { type: "url", url };
  return [{ type: "image", source }];
}

function document({ file: { file_data: data = "", filename } }: FilePart): object {
  const inline = dataUrl(data);
  if (!inline) throw new CallError(400, "not_supported", "Anthropic takes files as data: addresses only.");
  const source = { type: "base64", media_type: inline.mediaType, data: inline.data };
  return { type: "document", source, ...(filename && { title: filename }) };
}

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
}

/** @throws Error when it is no message */
export function readMessages(body: Buffer): ChatAnswer {
  const said = JSON.parse(body.toString()) as {
    id: string;
    model: string;
    content?: Block[];
    stop_reason?: string;
    usage?: MessagesUsage;
  };
  if (!Array.isArray(said.content)) throw new Error("it has no content");
  const text = said.content.filter(({ type }) => type === "text").map((one) => one.text ?? "");
  const uses = said.content.filter(({ type }) => type === "tool_use");
  const form = uses.find(({ name }) => name === formTool);
  const tokens = said.usage && messagesTokens(said.usage, undefined);
  if (form) {
    return { id: said.id, model: said.model, text: JSON.stringify(form.input), calls: [], finish: "stop", tokens };
  }
  return {
    id: said.id,
    model: said.model,
    text: text.length > 0 ? text.join("") : null,
    calls: uses.map(({ id = "", name = "", input }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: JSON.stringify(input ?? {}) },
    })),
    finish: finishOf(said.stop_reason),
    tokens,
  };
}

interface Event {
  type: string;
  index?: number;
  message?: { usage?: MessagesUsage };
  content_block?: Block;
  delta?: { type?: string; text?: string; partial_json?: string; stop_reason?: string };
  usage?: MessagesUsage;
  error?: { message?: string };
}

export function messagesReader(): StepReader {
  const splitter = splitEvents();
  /** Blocks that are tool calls: their number among those. */
  const calls = new Map<number, number>();
  const forms = new Set<number>();
  const state = { finished: false, error: undefined as string | undefined, tokens: undefined as Tokens | undefined };
  return {
    push: (chunk) => splitter.push(chunk).filter(isWellFormed).flatMap(read),
    get finished() {
      return state.finished;
    },
    get error() {
      return state.error;
    },
    get tokens() {
      return state.tokens;
    },
  };

  function read(text: string): Step[] {
    const data = dataOf(text);
    if (data === undefined) return [];
    const event = JSON.parse(data) as Event;
    const usage = event.usage ?? event.message?.usage;
    if (usage) state.tokens = messagesTokens(usage, state.tokens);
    if (event.type === "message_stop") state.finished = true;
    if (event.type === "error") state.error = event.error?.message ?? "The provider failed.";
    if (event.type === "content_block_start") return begun(event);
    if (event.type === "content_block_delta") return continued(event);
    const reason = event.type === "message_delta" ? event.delta?.stop_reason : undefined;
    return reason ? [{ is: "finish", reason: forms.size > 0 ? "stop" : finishOf(reason) }] : [];
  }

  function begun({ index = 0, content_block: one }: Event): Step[] {
    if (one?.type !== "tool_use") return [];
    if (one.name === formTool) {
      forms.add(index);
      return [];
    }
    const number = calls.size;
    calls.set(index, number);
    return [{ is: "call", index: number, id: one.id ?? "", name: one.name ?? "" }];
  }

  function continued({ index = 0, delta }: Event): Step[] {
    if (delta?.text) return [{ is: "text", text: delta.text }];
    if (!delta?.partial_json) return [];
    if (forms.has(index)) return [{ is: "text", text: delta.partial_json }];
    return [{ is: "arguments", index: calls.get(index) ?? 0, text: delta.partial_json }];
  }
}

function finishOf(reason: string | undefined): FinishReason {
  if (reason === "max_tokens" || reason === "model_context_window_exceeded") return "length";
  if (reason === "tool_use") return "tool_calls";
  return reason === "refusal" ? "content_filter" : "stop";
}
