/**
 * An error a person can act on. It is shown without a stack; every other error is a bug and is shown with one.
 *
 * `code` is stable and documented in docs/reference/errors.md; scripts may rely on it.
 */
export class DevflowError extends Error {
  readonly code: ErrorCode;
  /** What to do about it, as one or more short sentences or commands. */
  readonly hint: string;
  /** Path of the page under docs/ that says more, without extension. */
  readonly docs: string;

  constructor(code: ErrorCode, message: string, options: { hint: string; docs?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "DevflowError";
    this.code = code;
    this.hint = options.hint;
    this.docs = options.docs ?? errorCodes[code].docs;
  }
}

export type ErrorCode = keyof typeof errorCodes;

/** Every error code with the exit code it ends the program with. Exit codes are stable: scripts may rely on them. */
export const errorCodes = {
  USAGE: { exit: 2, docs: "reference/commands" },
  CONFIG_INVALID: { exit: 3, docs: "configuration" },
  CONFIG_MISSING: { exit: 3, docs: "configuration" },
  PREFLIGHT_FAILED: { exit: 4, docs: "troubleshooting" },
  LOCKED: { exit: 5, docs: "troubleshooting" },
  STATE_CORRUPT: { exit: 6, docs: "troubleshooting" },
  STATE_KEY: { exit: 6, docs: "troubleshooting" },
  ARTIFACT_UNAVAILABLE: { exit: 7, docs: "troubleshooting" },
  ARTIFACT_CHECKSUM: { exit: 7, docs: "troubleshooting" },
  COMPONENT_FAILED: { exit: 8, docs: "troubleshooting" },
  COMMAND_FAILED: { exit: 8, docs: "troubleshooting" },
  DISK_FULL: { exit: 9, docs: "troubleshooting" },
  SUPERVISOR_UNREACHABLE: { exit: 10, docs: "troubleshooting" },
  NOT_RUNNING: { exit: 10, docs: "troubleshooting" },
  NOT_FOUND: { exit: 11, docs: "reference/commands" },
  UNSUPPORTED: { exit: 12, docs: "reference/errors" },
  ABORTED: { exit: 13, docs: "reference/commands" },
  INTERRUPTED: { exit: 130, docs: "troubleshooting" },
} as const satisfies Record<string, { exit: number; docs: string }>;
