import type { ServerCapabilities } from "@modelcontextprotocol/server";

export type Result = Record<string, unknown>;
export type Params = Record<string, unknown>;

/** Somebody who offers tools, prompts and resources: a server behind the gateway, or the platform itself. */
export interface Source {
  name: string;
  /** Names what it is now: its id, which grows with its age, and its version. */
  key: string;
  /** What stands before its tools' and prompts' names where several are one; empty for the platform's own. */
  prefix: string;
  capabilities(): Promise<ServerCapabilities>;
  /** @throws ProtocolError as the server answered, or Unreachable */
  request(method: string, params: Params, call: Call): Promise<Result>;
}

/** What a request to a source brings with it. */
export interface Call {
  signal: AbortSignal;
  /** Tells whoever asked: progress, or a line of a log. */
  tell(method: string, params: Params): void;
  /** Asks whoever asked: for a model's words, for something to be entered, for roots. */
  ask(method: string, params: Params): Promise<Result>;
}

/** A server that cannot be reached now. */
export class Unreachable extends Error {
  override name: string = "Unreachable";
}

/** A server that knows the session no more, as after it was started anew: it did nothing, so it can be asked again at once. */
export class SessionGone extends Unreachable {
  override name = "SessionGone";
}
