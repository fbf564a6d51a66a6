/** An answer that is no success, in the words of the API a client speaks. */
export class CallError extends Error {
  readonly status: number;
  /** As OpenAI's clients know it: `model_not_found`, `insufficient_quota`, … */
  readonly code: string;
  readonly hint: string;
  readonly retryAfter: number | undefined;
  /** The field that is wrong, as `messages[0].content`. */
  readonly param: string | undefined;
  /** What Anthropic's clients read beside the text, to go on by themselves. */
  readonly details: object | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    { hint = "", retryAfter, param, details, cause }: CallErrorOptions = {},
  ) {
    super(message, { cause });
    this.name = "CallError";
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfter = retryAfter;
    this.param = param;
    this.details = details;
  }
}

interface CallErrorOptions {
  hint?: string;
  /** Seconds. */
  retryAfter?: number | undefined;
  param?: string | undefined;
  details?: object | undefined;
  cause?: unknown;
}

const types: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  405: "invalid_request_error",
  422: "invalid_request_error",
  413: "request_too_large",
  429: "rate_limit_error",
  501: "not_implemented_error",
};

/** The body of a refusal, as OpenAI's API has it, or Anthropic's. */
export function errorBody(error: CallError, api: "openai" | "anthropic"): string {
  const type = types[error.status] ?? "api_error";
  const message = error.hint ? `${error.message} ${error.hint}` : error.message;
  if (api === "anthropic") {
    const { details } = error;
    return JSON.stringify({ type: "error", error: { type, message, ...(details && { details }) } });
  }
  return JSON.stringify({ error: { message, type, code: error.code, param: error.param ?? null } });
}
