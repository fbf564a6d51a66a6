import type { Candidate } from "../routing/plan.ts";
import type { Tokens } from "../usage/usage.ts";

/** The APIs that clients speak here. */
export type Surface =
  | "chat"
  | "responses"
  | "messages"
  | "embeddings"
  | "moderations"
  | "images"
  | "audio"
  | "completions";

/** A client's request, parsed; what the gateway does not know it passes on. */
export interface Body {
  model: string;
  stream?: boolean;
  [field: string]: unknown;
}

/** A client's request as it came, and parsed. */
export interface Asked {
  surface: Surface;
  /** Path below `/v1`, such as `/chat/completions`. */
  path: string;
  body: Body;
  raw: Buffer;
  contentType: string;
  stream: boolean;
  /** What a client of Anthropic's messages asks for beyond their version, as its header `anthropic-beta` has it. */
  beta?: string;
  /** It is a form with files; `body` has its model alone. */
  form?: boolean;
}

/** What a whole answer says, in the client's API. */
export interface Whole {
  body: Buffer | string;
  /** As the provider counted; undefined when it did not. */
  tokens: Tokens | undefined;
  contentType?: string;
}

/** A stream as it is handed to the client, in the client's API. */
export interface Flow {
  /** What follows from a piece of the provider's stream; throws when it cannot be read. */
  push(chunk: Buffer): string;
  /** What follows from what was left when the provider's stream ended: an event without its empty line, a whole answer. */
  rest(): string;
  /** What remains to be said when the provider's stream has ended as it should. */
  end(): string;
  readonly started: boolean;
  readonly finished: boolean;
  readonly error: string | undefined;
  readonly tokens: Tokens | undefined;
  readonly pieces: number;
  /** Number of the next event, in the API that numbers them. */
  readonly sequence: number;
}

/** How one provider is asked, and how its answers become those of the client's API. */
export interface Shape {
  path: string;
  body: string | Buffer;
  headers: Record<string, string>;
  /** @throws Error when the answer is none */
  whole(body: Buffer): Whole;
  flow(): Flow;
}

export type ShapeOf = (asked: Asked, candidate: Candidate) => Shape;
