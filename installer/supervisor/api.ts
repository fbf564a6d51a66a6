import { type Static, Type } from "typebox";
import type { ErrorCode } from "../../components/error.ts";
import type { ProcessSpec, ProcessStatus } from "../../components/provider/process.ts";

/** All paths begin with it; a change that an older client would misread gets another. */
export const apiPrefix = "/v1";

/** Bytes a request body may have. */
export const bodyLimit = 256 << 10;

/** A process name within an address, as a regular expression. */
export const processName = "[a-z][a-z0-9-]{0,62}";

export const WaitQuery = Type.Object(
  {
    /** Milliseconds to wait at most, up to a minute. */
    timeout: Type.Optional(Type.String({ pattern: "^[0-9]{1,5}$" })),
  },
  { additionalProperties: false },
);

export const LogsQuery = Type.Object(
  {
    lines: Type.Optional(Type.String({ pattern: "^[0-9]{1,5}$" })),
    /** Keeps the answer open and sends what is appended. */
    follow: Type.Optional(Type.Union([Type.Literal("0"), Type.Literal("1")])),
  },
  { additionalProperties: false },
);
export type LogsQuery = Static<typeof LogsQuery>;

/** `GET /v1/version`. Memory is that of the supervisor itself, in bytes. */
export interface SupervisorVersion {
  version: string;
  pid: number;
  startedAt: string;
  node: string;
  rss: number;
}

/** `GET /v1/processes/<name>`. */
export interface KnownProcess {
  spec: ProcessSpec;
  status: ProcessStatus;
}

/** `PUT /v1/processes/<name>`: what had to be done. */
export interface PutResult {
  change: "created" | "restarted" | "same";
  status: ProcessStatus;
}

/** `GET /v1/processes/<name>/ready`: pending when the time was up first. */
export interface WaitResult {
  outcome: "ready" | "failed" | "pending";
  /** Why it failed or what it waits for. */
  reason: string | undefined;
  status: ProcessStatus;
}

/** Lines of `GET /v1/events`: first every process as it is, then each change. */
export type SupervisorEvent =
  | { type: "state"; status: ProcessStatus }
  | { type: "removed"; name: string }
  | { type: "heartbeat" };

/** Body of every answer that is not a success. */
export interface ApiError {
  error: { code: ErrorCode | "INTERNAL"; message: string; hint: string };
}
