import type { Tokens } from "../usage/usage.ts";
import { dataOf, isWellFormed, splitEvents } from "./events.ts";

/** What a stream that is passed on has shown so far. */
export interface Scan {
  /** Whole events to pass on; half ones wait, malformed ones are left out. */
  push(chunk: Buffer): string;
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
  };
  return {
    push(chunk) {
      let kept = "";
      for (const event of splitter.push(chunk)) if (take(event)) kept += event;
      return kept;
    },
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
  };

  function take(event: string): boolean {
    if (!isWellFormed(event)) {
      state.malformed++;
      return false;
    }
    const error = reading.error(event);
    if (error !== undefined) {
      state.error = error;
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

/** Chat completions. @param wantsUsage whether the client asked for the event with the usage */
export function chatReading(wantsUsage: boolean): Reading {
  return {
    starts: (event) =>
      /"content":\s*"[^"]|"tool_calls":\s*\[|"(reasoning|reasoning_content|refusal)":\s*"[^"]|"audio":\s*\{/.test(
        event,
      ),
    finishes: (event) => event.startsWith("data: [DONE]") || /"finish_reason":\s*"/.test(event),
    error: errorIn,
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
  error: (event) => (/^event: error\n/.test(event) ? (errorIn(event) ?? "The provider failed.") : undefined),
  count(event, known) {
    const { response } = (parse(event) ?? {}) as { response?: { usage?: ResponsesUsage | null } };
    return { tokens: response?.usage ? responsesTokens(response.usage) : known, keep: true };
  },
};

/** Anthropic's messages: what was read stands in the first event, what was written in the last. */
export const messagesReading: Reading = {
  starts: (event) => /"type":\s*"content_block_delta"/.test(event),
  finishes: (event) => /"type":\s*"message_stop"/.test(event),
  error: (event) => (event.startsWith("event: error") ? (errorIn(event) ?? "The provider failed.") : undefined),
  count(event, known) {
    const said = (parse(event) ?? {}) as { message?: { usage?: MessagesUsage }; usage?: MessagesUsage };
    const usage = said.usage ?? said.message?.usage;
    return { tokens: usage ? { ...(known ?? noTokens), ...messagesTokens(usage, known) } : known, keep: true };
  },
};

const noTokens: Tokens = { input: 0, cached: 0, output: 0 };

export interface ChatUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number } | null;
}

export function chatTokens(usage: ChatUsage): Tokens {
  return {
    input: usage.prompt_tokens ?? 0,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    output: usage.completion_tokens ?? Math.max(0, (usage.total_tokens ?? 0) - (usage.prompt_tokens ?? 0)),
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
}

/** Anthropic counts what it read from its cache, and wrote into it, beside the input. */
export function messagesTokens(usage: MessagesUsage, known: Tokens | undefined): Tokens {
  const cached = usage.cache_read_input_tokens ?? known?.cached ?? 0;
  const fresh = usage.input_tokens == null ? undefined : usage.input_tokens + (usage.cache_creation_input_tokens ?? 0);
  return {
    input: fresh === undefined ? (known?.input ?? 0) : fresh + cached,
    cached,
    output: usage.output_tokens ?? known?.output ?? 0,
  };
}

function errorIn(event: string): string | undefined {
  if (!event.includes('"error"')) return undefined;
  const said = parse(event) as { error?: { message?: string } | string | null } | undefined;
  if (!said?.error) return undefined;
  return typeof said.error === "string" ? said.error : (said.error.message ?? "The provider failed.");
}

function parse(event: string): unknown {
  try {
    return JSON.parse(dataOf(event) ?? "");
  } catch {
    return undefined;
  }
}
