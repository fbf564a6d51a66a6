/**
 * An answer that says what went wrong and what to do. Throw it from a handler; the error handler turns it into
 * `{error: {code, message, hint, docs}}`. Every other error is a bug: it answers 500 and its text stays in the log.
 */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  /** What to do about it, in one or two short sentences. */
  readonly hint: string;
  /** Path of the page under docs/ that says more, without extension. */
  readonly docs: string;

  constructor(code: ApiErrorCode, message: string, options: { hint?: string; docs?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "ApiError";
    this.code = code;
    this.status = apiErrors[code].status;
    this.hint = options.hint ?? apiErrors[code].hint;
    this.docs = options.docs ?? "reference/api-errors";
  }
}

export type ApiErrorCode = keyof typeof apiErrors;

/** Every code an answer can carry. Codes and statuses are stable: clients may rely on them. */
export const apiErrors = {
  INVALID: { status: 400, hint: "Correct the named field and send the request again." },
  UNAUTHENTICATED: { status: 401, hint: "Sign in, or send a valid API key as a bearer token." },
  FORBIDDEN: { status: 403, hint: "Ask an administrator of the organisation for the role or scope." },
  NOT_A_MEMBER: { status: 403, hint: "Open one of your own organisations, or ask to be invited to it." },
  NOT_FOUND: { status: 404, hint: "Check the address." },
  METHOD_NOT_ALLOWED: { status: 405, hint: "Use a method the address supports." },
  CONFLICT: { status: 409, hint: "Read the current state, then decide again." },
  TOO_LARGE: { status: 413, hint: "Send less at once." },
  UNSUPPORTED_MEDIA: { status: 415, hint: "Send JSON with the content type application/json." },
  RATE_LIMITED: { status: 429, hint: "Wait for the seconds that the retry-after header names." },
  INTERNAL: { status: 500, hint: "Look for the request id in the log of the platform." },
  UNAVAILABLE: { status: 503, hint: "Try again in a moment; the status page says what is being waited for." },
  TIMEOUT: { status: 504, hint: "Try again; ask for less at once if it happens again." },
} as const satisfies Record<string, { status: number; hint: string }>;

export function isApiErrorCode(code: string): code is ApiErrorCode {
  return Object.hasOwn(apiErrors, code);
}
