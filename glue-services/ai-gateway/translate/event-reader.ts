import type { Tokens } from "../usage/usage.ts";
import { objectOf, splitEvents } from "../wire/events.ts";
import { isDone, streamError } from "../wire/scan.ts";
import { type Fields, withoutNulls } from "./fields.ts";
import type { Step, StepReader } from "./model.ts";

/** What a reader of events knows so far. */
export interface ReaderState {
  finished: boolean;
  error: string | undefined;
  tokens: Tokens | undefined;
}

/** Reads server-sent events as steps. Events that cannot be read are left out, those that are errors end the stream. */
export function eventReader(read: (event: Fields, state: ReaderState) => Step[]): StepReader {
  const splitter = splitEvents();
  const state: ReaderState = { finished: false, error: undefined, tokens: undefined };
  return stateReader(state, {
    push: (chunk) => splitter.push(chunk).flatMap(take),
    rest: () => splitter.rest().flatMap(take),
  });

  function take(event: string): Step[] {
    if (state.error !== undefined) return [];
    state.error = streamError(event);
    if (state.error !== undefined) return [];
    if (isDone(event)) {
      state.finished = true;
      return [];
    }
    const value = objectOf(event);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return read(withoutNulls(value) as Fields, state);
  }
}

export function stateReader(state: ReaderState, { push, rest }: Pick<StepReader, "push" | "rest">): StepReader {
  return {
    push,
    rest,
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
}
