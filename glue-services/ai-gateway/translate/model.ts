import type { Tokens } from "../usage/usage.ts";

// The neutral model: every API is read into it and written from it, so that no two APIs know each other.

/** What stands in a message or an answer. */
export type Part =
  | { is: "text"; text: string }
  | { is: "refusal"; text: string }
  | Reasoning
  | Media
  | ToolCall
  | { is: "result"; id: string; parts: Part[]; failed: boolean };

/** What a model thought before it answered. */
export interface Reasoning {
  is: "reasoning";
  text: string;
  /** Proves to its maker that it is unchanged; undefined for models that sign nothing. */
  signature?: string | undefined;
  /** Encrypted instead of a text. */
  redacted?: string | undefined;
}

export interface Media {
  is: "media";
  kind: "image" | "file" | "audio";
  source: { url: string } | { mediaType: string; data: string };
  name?: string | undefined;
  detail?: string | undefined;
}

export interface ToolCall {
  is: "call";
  id: string;
  name: string;
  /** JSON of an object. */
  arguments: string;
}

/** Results of tools are the user's. */
export interface Message {
  role: "system" | "user" | "assistant";
  parts: Part[];
}

export interface Tool {
  name: string;
  description?: string | undefined;
  /** JSON schema of an object. */
  schema: Record<string, unknown>;
  strict?: boolean | undefined;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

export type Format =
  | { is: "object" }
  | { is: "schema"; name: string; description?: string | undefined; schema: object; strict?: boolean | undefined };

/** What a client asks a model. Undefined: the client did not say. */
export interface ModelRequest {
  messages: Message[];
  tools: Tool[];
  choice?: ToolChoice | undefined;
  /** False: one tool call at a time. */
  parallel?: boolean | undefined;
  /** Tokens of the answer at most. */
  limit?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  stop?: string[] | undefined;
  format?: Format | undefined;
  /** How much to think: `none`, `minimal`, `low`, `medium`, `high`, … */
  effort?: string | undefined;
  /** Tokens to think with at most. */
  budget?: number | undefined;
  user?: string | undefined;
  stream: boolean;
  /** The events of a stream end with the usage. */
  wantsUsage?: boolean | undefined;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** A whole answer. */
export interface Answer {
  id: string;
  model: string;
  parts: Part[];
  finish: FinishReason;
  tokens: Tokens | undefined;
}

/** A step of an answer. Steps of different calls may come in any order; each says which call it belongs to. */
export type Step =
  | { is: "text"; text: string }
  | { is: "refusal"; text: string }
  | { is: "reasoning"; text: string }
  /** Ends the reasoning before it. */
  | { is: "signature"; text: string }
  | { is: "redacted"; data: string }
  /** A tool call begins; its arguments follow in pieces. */
  | { is: "call"; index: number; id: string; name: string }
  | { is: "arguments"; index: number; text: string }
  | { is: "finish"; reason: FinishReason };

/** Reads a provider's stream as steps. */
export interface StepReader {
  push(chunk: Buffer): Step[];
  /** Of what was left when the stream ended. */
  rest(): Step[];
  readonly finished: boolean;
  readonly error: string | undefined;
  readonly tokens: Tokens | undefined;
}

/** Writes steps as a client's stream. */
export interface StepWriter {
  write(step: Step): string;
  /** What ends the stream; the usage is known by then. */
  end(tokens: Tokens): string;
  /** Number of the next event, in the API that numbers them. */
  readonly sequence: number;
}

/** How answers of one API are read. */
export interface AnswerReader {
  /** @throws Error when it is no answer, or one that says that it failed */
  whole(body: unknown): { id: string; model: string; steps: Step[]; tokens: Tokens | undefined };
  reader(): StepReader;
}

/** A schema that every API takes: one of an object, whatever the client left out. */
export function schemaOf(schema: unknown): Record<string, unknown> {
  const given = typeof schema === "object" && schema !== null ? (schema as Record<string, unknown>) : {};
  const { type } = given;
  if (type !== undefined && type !== null && type !== "object" && !Array.isArray(type)) return given;
  return { properties: {}, ...given, type: "object" };
}

/** Arguments of a tool call as an object; what is no JSON object becomes an empty one. */
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

/** `data:image/png;base64,…` taken apart, or an address. */
export function sourceOf(url: string): Media["source"] {
  const [, mediaType, data] = /^data:([^;,]+)[^,]*;base64,(.*)$/s.exec(url) ?? [];
  return mediaType && data !== undefined ? { mediaType: sameType(mediaType), data } : { url };
}

/** Some clients give a type that no API lists. */
export function sameType(mediaType: string): string {
  return mediaType.toLowerCase() === "image/jpg" ? "image/jpeg" : mediaType.toLowerCase();
}

/** The texts of parts, put together. */
export function textsOf(parts: readonly Part[], between = ""): string {
  return parts.flatMap((part) => (part.is === "text" || part.is === "refusal" ? [part.text] : [])).join(between);
}
