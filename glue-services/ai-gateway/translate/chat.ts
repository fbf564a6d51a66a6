import type { Tokens } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";

// OpenAI's chat completions, as far as they are translated: every other API is put into these words and back.

export interface TextPart {
  type: "text";
  text: string;
}
export interface ImagePart {
  type: "image_url";
  image_url: { url: string; detail?: string };
}
export interface FilePart {
  type: "file";
  file: { file_data?: string; filename?: string; file_id?: string };
}
export type Part = TextPart | ImagePart | FilePart | { type: string; [field: string]: unknown };

export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface Message {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content?: string | Part[] | null;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

export interface Tool {
  type: "function";
  function: { name: string; description?: string; parameters?: object; strict?: boolean };
}

export type ToolChoice = "auto" | "none" | "required" | { type: "function"; function: { name: string } };

export interface ChatRequest {
  model: string;
  messages: Message[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  stop?: string | string[];
  tools?: Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
  response_format?: { type: string; json_schema?: { name: string; schema?: object; strict?: boolean } };
  reasoning_effort?: string;
  user?: string;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

export interface ChatAnswer {
  id: string;
  model: string;
  text: string | null;
  calls: ToolCall[];
  finish: FinishReason;
  tokens: Tokens | undefined;
}

/** A step of a streamed answer. */
export type Step =
  | { is: "text"; text: string }
  /** A tool call begins; its arguments follow in pieces. */
  | { is: "call"; index: number; id: string; name: string }
  | { is: "arguments"; index: number; text: string }
  | { is: "finish"; reason: FinishReason };

/** Reads a provider's stream as steps. */
export interface StepReader {
  push(chunk: Buffer): Step[];
  readonly finished: boolean;
  readonly error: string | undefined;
  readonly tokens: Tokens | undefined;
}

/** Writes steps as a client's stream. */
export interface StepWriter {
  write(step: Step): string;
  /** What ends the stream; the usage is known by then. */
  end(tokens: Tokens): string;
}

export function chatUsage({ input, cached, output }: Tokens) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

export function textOf(content: Message["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => (part.type === "text" ? (part as TextPart).text : "")).join("");
}

/** `data:image/png;base64,…` taken apart; undefined for an address. */
export function dataUrl(url: string): { mediaType: string; data: string } | undefined {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return mediaType && data !== undefined ? { mediaType, data } : undefined;
}

/** Arguments of a tool call as a provider wants them; what is no JSON object becomes an empty one. */
export function argumentsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** What a provider cannot be given is said, never left out: an answer about half a question would look like a good one. */
export function unsupportedPart({ type }: Part, maker: string): CallError {
  return new CallError(400, "not_supported", `${maker}'s API takes no part of the type ${type}.`);
}
