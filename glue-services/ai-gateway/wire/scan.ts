import type { Tokens } from "../usage/usage.ts";
import { errorIn, errorOf } from "./error-text.ts";
import { dataOf, isWellFormed, objectOf, splitEvents, typeOf } from "./events.ts";

/** What a stream that is passed on has shown so far. */
export interface Scan {
  /** Whole events to pass on; half ones wait, malformed ones are left out. */
  push(chunk: Buffer): string;
  /** The last event, when the stream ended before its empty line. */
  rest(): string;
  /** Something that a person would see, or a tool call, has come. */
  readonly started: boolean;
  /** It ended as it should. */
  readonly finished: boolean;
  /** The provider said in the stream that it failed. */
  readonly error: string | undefined;
  /** As the provider counted; undefined when it did not. */
  readonly tokens: Tokens | undefined;
  /** Events with content: about as many tokens. */
  readonly pieces: number;
  /** Events that could not be read. */
  readonly malformed: number;
  /** The last event that was passed on. */
  readonly last: string;
}

/** What an event of one API means. Called with the event's text; parses only those that say something. */
export interface Reading {
  starts(event: string): boolean;
  finishes(event: string): boolean;
  /** Text of the error an event carries. */
  error(event: string): string | undefined;
  /** Takes what the event says of tokens; answers false when the event is to be left out. */
  count(event: string, known: Tokens | undefined): { tokens: Tokens | undefined; keep: boolean };
}

export function scanStream(reading: Reading): Scan {
  const splitter = splitEvents();
  const state = {
    started: false,
    finished: false,
    error: undefined as string | undefined,
    tokens: undefined as Tokens | undefined,
    pieces: 0,
    malformed: 0,
    last: "",
  };
  return {
    push: (chunk) => kept(splitter.push(chunk)),
    rest: () => kept(splitter.rest()),
    get started() {
      return state.started;
    },
    get finished() {
      return state.finished;
    },
    get error() {
      return state.error;
    },
    get tokens() {
      return state.tokens;
    },
    get pieces() {
      return state.pieces;
    },
    get malformed() {
      return state.malformed;
    },
    get last() {
      return state.last;
    },
  };

  function kept(events: readonly string[]): string {
    let all = "";
    for (const event of events) {
      if (!take(event)) continue;
      all += event;
      state.last = event;
    }
    return all;
  }

  function take(event: string): boolean {
    // An error comes in any shape, also one that is no event of the API.
    const error = reading.error(event);
    if (error !== undefined) {
      state.error = error;
      return false;
    }
    if (!isWellFormed(event)) {
      state.malformed++;
      return false;
    }
    if (reading.starts(event)) {
      state.started = true;
      state.pieces++;
    }
    if (reading.finishes(event)) state.finished = true;
    if (!event.includes('"usage"')) return true;
    const { tokens, keep } = reading.count(event, state.tokens);
    state.tokens = tokens;
    return keep;
  }
}

/** What else a person sees of a chat, beside its text. */
const otherStart =
  /"(reasoning|reasoning_content|refusal|text)":\s*"[^"]|"(tool_calls|content|reasoning_details)":\s*\[\s*\{|"(audio|function_call)":\s*\{/;

/** Chat completions. @param wantsUsage whether the client asked for the event with the usage */
export function chatReading(wantsUsage: boolean): Reading {
  return {
    starts: (event) => /"content":\s*"[^"]/.test(event) || otherStart.test(event),
    finishes: (event) => isDone(event) || /"finish_reason":\s*"[^"]/.test(event),
    error: streamError,
    count(event, known) {
      if (/"usage":\s*null/.test(event)) return { tokens: known, keep: true };
      const chunk = parse(event) as { usage?: ChatUsage; choices?: unknown[] } | undefined;
      const tokens = chunk?.usage ? chatTokens(chunk.usage) : known;
      return { tokens, keep: wantsUsage || (chunk?.choices?.length ?? 0) > 0 };
    },
  };
}

/** OpenAI's responses. */
export const responsesReading: Reading = {
  starts: (event) => /"type":\s*"response\.[a-z_.]+\.delta"/.test(event),
  finishes: (event) => /"type":\s*"response\.(completed|incomplete|failed)"/.test(event),
  error: streamError,
  count(event, known) {
    const { response } = (parse(event) ?? {}) as { response?: { usage?: ResponsesUsage | null } };
    return { tokens: response?.usage ? responsesTokens(response.usage) : known, keep: true };
  },
};

/** Anthropic's messages: what was read stands in the first event, what was written in the last. */
export const messagesReading: Reading = {
  starts: (event) => /"type":\s*"content_block_delta"/.test(event),
  finishes: (event) => /"type":\s*"message_stop"/.test(event),
  error: streamError,
  count(event, known) {
    const said = (parse(event) ?? {}) as { message?: { usage?: MessagesUsage }; usage?: MessagesUsage };
    const usage = said.usage ?? said.message?.usage;
    return { tokens: usage ? { ...(known ?? noTokens), ...messagesTokens(usage, known) } : known, keep: true };
  },
};

const noTokens: Tokens = { input: 0, cached: 0, output: 0 };

export interface ChatUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  /** `cache_write_tokens` as OpenRouter has it. */
  prompt_tokens_details?: { cached_tokens?: number | null; cache_write_tokens?: number | null } | null;
  /** Of DeepSeek, and of Moonshot. */
  prompt_cache_hit_tokens?: number | null;
  cached_tokens?: number | null;
}

/**
 * Google and xAI count what a model thought in the total alone, and bill it as a part of the answer. Where it is just the
 * cached tokens that the total has more, they were left out of the question.
 */
export function chatTokens(usage: ChatUsage): Tokens {
  const { prompt_tokens_details: details } = usage;
  const cached = details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? 0;
  const written = details?.cache_write_tokens ?? 0;
  const input = usage.prompt_tokens ?? 0;
  const output = usage.completion_tokens ?? 0;
  const more = Math.max(0, (usage.total_tokens ?? 0) - input - output);
  const ofInput = more === cached;
  return {
    ...{ input: ofInput ? input + more : input, cached, output: ofInput ? output : output + more },
    ...(written > 0 && { written }),
  };
}

export interface ResponsesUsage {
  input_tokens?: number;
  output_tokens?: number;
  input_tokens_details?: { cached_tokens?: number } | null;
}

export function responsesTokens(usage: ResponsesUsage): Tokens {
  return {
    input: usage.input_tokens ?? 0,
    cached: usage.input_tokens_details?.cached_tokens ?? 0,
    output: usage.output_tokens ?? 0,
  };
}

export interface MessagesUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_creation?: { ephemeral_5m_input_tokens?: number | null; ephemeral_1h_input_tokens?: number | null } | null;
}

/**
 * Anthropic counts what it read from its cache, and wrote into it, beside the input. In a stream it counts twice: what the
 * second event leaves out, or imitators say is nothing, stays as the first had it.
 */
export function messagesTokens(usage: MessagesUsage, known: Tokens | undefined): Tokens {
  const { input = 0, written: wrote = 0, writtenHour: wroteHour = 0 } = known ?? {};
  const { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour } = usage.cache_creation ?? {};
  const cached = usage.cache_read_input_tokens || (known?.cached ?? 0);
  const written = usage.cache_creation_input_tokens || (minutes ?? 0) + (hour ?? 0) || wrote;
  const fresh = usage.input_tokens || input - (known?.cached ?? 0) - wrote;
  return {
    ...{ input: fresh + cached + written, cached, output: usage.output_tokens || (known?.output ?? 0) },
    ...(written > 0 && { written, writtenHour: hour || wroteHour }),
  };
}

/** Whether it is the event that ends a stream of chat completions. */
export function isDone(event: string): boolean {
  if (event.startsWith("data: [DONE]")) return true;
  // With a comment or fields before it, it is still short.
  return event.length < 200 && event.includes("[DONE]") && dataOf(event)?.trim() === "[DONE]";
}

/** Text of the error that an event carries, whatever its shape; undefined when it is none. */
export function streamError(event: string): string | undefined {
  const says = event.includes("error");
  if (!says && !/^data: ?\{"detail"/.test(event)) return undefined;
  const typed = says && typeOf(event) === "error";
  const value = objectOf(event);
  if (typed) return errorIn(value).message ?? errorOf(dataOf(event) ?? "").message ?? failed;
  return isError(value) ? (errorIn(value).message ?? failed) : undefined;
}

const failed = "The provider failed.";

function isError(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isError);
  if (typeof value !== "object" || value === null) return false;
  const { error, object, type, choices, detail } = value as Record<string, unknown>;
  if (error !== undefined && error !== null && error !== "" && error !== false) return true;
  return (
    object === "error" || type === "error" || (detail !== undefined && choices === undefined && type === undefined)
  );
}

function parse(event: string): unknown {
  return objectOf(event);
}
