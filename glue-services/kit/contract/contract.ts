import type { Static, TSchema } from "typebox";

/** One thing that a service does for others: what it is given, what it answers, and how long that may take. */
export interface Call<Input extends TSchema = TSchema, Output extends TSchema = TSchema> {
  input: Input;
  output: Output;
  /** Whether asking twice does no more than asking once. Only then is it asked again when a connection breaks. */
  idempotent: boolean;
  /** Milliseconds until whoever asks is told that nobody answered. */
  deadline: number;
}

/** What other services may call of one, as a value. Whether that one runs in this process makes no difference to them. */
export interface Contract<Calls extends Record<string, Call> = Record<string, Call>> {
  /** The service that answers. */
  service: string;
  calls: Calls;
}

/** What whoever calls may say of one call. */
export interface CallOptions {
  /** Ends the call; its reason is what the caller gets. */
  signal?: AbortSignal | undefined;
}

/** What an answer may mind. */
export interface Answering {
  /** Aborted when nobody waits any more: the caller left, or its time is over. */
  signal: AbortSignal;
}

/** How others call it. @throws ApiError as the service throws it; UNAVAILABLE, TIMEOUT when it cannot be reached in time */
export type Client<Calls extends Record<string, Call>> = {
  [Name in keyof Calls]: (
    input: Static<Calls[Name]["input"]>,
    options?: CallOptions,
  ) => Promise<Static<Calls[Name]["output"]>>;
};

/** How the service answers. */
export type Answers<Calls extends Record<string, Call>> = {
  [Name in keyof Calls]: (
    input: Static<Calls[Name]["input"]>,
    answering: Answering,
  ) => Promise<Static<Calls[Name]["output"]>>;
};

/** Milliseconds a call may take that says nothing else. */
const usual = 10_000;

export function call<Input extends TSchema, Output extends TSchema>(given: {
  input: Input;
  output: Output;
  /** @default false */
  idempotent?: boolean;
  /** @default 10000 */
  deadline?: number;
}): Call<Input, Output> {
  return { idempotent: false, deadline: usual, ...given };
}

/** Export it from the service's `contract.ts`, beside which others import nothing of it. */
export function contract<const Calls extends Record<string, Call>>(service: string, calls: Calls): Contract<Calls> {
  return { service, calls };
}
