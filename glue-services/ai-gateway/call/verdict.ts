import { ProviderFailure } from "../providers/exchange.ts";
import type { Health } from "../providers/health.ts";
import type { Candidate } from "../routing/plan.ts";
import { isSpelling } from "../translate/habits.ts";
import { CallError } from "../wire/call-error.ts";
import { errorOf } from "../wire/error-text.ts";
import type { Attempt } from "./attempt.ts";

export type Refused = Extract<Attempt, { is: "refused" | "failed" }>;
type ByProvider = Extract<Attempt, { is: "refused" }>;

/** Why a model gave no answer. */
export type Unanswered =
  | { is: "refused"; candidate: Candidate; refused: ByProvider; tooLong: boolean }
  | { is: "failed"; candidate: Candidate; error: Error }
  /** It failed too often and is not tried now. */
  | { is: "closed"; candidate: Candidate };

/** What an attempt says of its provider; undefined: nothing, for it was the client's doing, or a matter of keys or limits. */
export function healthOf(attempt: Attempt): "well" | "failing" | undefined {
  switch (attempt.is) {
    case "answered":
    case "streamed":
      return "well";
    case "cancelled":
      return undefined;
    case "cut":
    case "failed":
      return attempt.error instanceof ProviderFailure && attempt.error.reason !== "unread" ? "failing" : undefined;
    case "refused": {
      const { status } = attempt;
      if (status === 401 || status === 403 || status === 429) return undefined;
      // Whatever it thinks of the question.
      return status === 408 || status >= 500 ? "failing" : "well";
    }
  }
}

/** What a person may read of the provider after an attempt; undefined where it says nothing of it. */
export function heardOf(attempt: Attempt): Health | undefined {
  if (attempt.is === "answered" || attempt.is === "streamed") return { state: "answers", said: null };
  const said = attempt.is === "refused" ? (errorOf(attempt.body).message ?? `status ${attempt.status}`) : null;
  if (attempt.is === "refused" && (attempt.status === 401 || attempt.status === 403)) return { state: "refused", said };
  if (healthOf(attempt) !== "failing") return undefined;
  return { state: "failing", said: said ?? ("error" in attempt ? attempt.error.message : null) };
}

/** What a refusal means: to try again after some milliseconds, to try another model, or that the question is wrong. */
type Judged = { is: "again"; after: number } | { is: "next" | "too-long" } | { is: "theirs"; refused: ByProvider };

/** Milliseconds that are waited for a provider at most; a client can wait for longer as well as the gateway. */
const patience = 10_000;

export function judge(attempt: Refused, { tries, others }: { tries: number; others: boolean }): Judged {
  if (attempt.is === "failed") {
    return attempt.error instanceof CallError ? { is: "next" } : { is: "again", after: backoff(tries) };
  }
  const { status, body, headers } = attempt;
  if (status === 401 || status === 403) return { is: "next" };
  if (status === 429 || status === 408 || status >= 500) {
    const seconds = retryAfterOf(headers["retry-after"]);
    if (seconds === undefined || seconds === 0) return { is: "again", after: backoff(tries) };
    if (seconds * 1000 > patience) return { is: "next" };
    return { is: "again", after: others ? backoff(tries) : seconds * 1000 * (1 + Math.random() / 10) };
  }
  if (isTooLong(body)) return { is: "too-long" };
  // What the gateway spells, no client can mend.
  return status === 404 || isSpelling(body) ? { is: "next" } : { is: "theirs", refused: attempt };
}

/** Milliseconds that grow, by chance longer or shorter. */
function backoff(tries: number): number {
  return Math.min(4000, 200 * 2 ** tries) * (0.5 + Math.random());
}

/** Seconds from now on: the header is a number of them, or a date (RFC 9110 10.2.3); undefined for what is neither. */
export function retryAfterOf(header: string | undefined, now = Date.now()): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function isTooLong(body: Buffer): boolean {
  return /context_length_exceeded|maximum context length|prompt is too long|input is too long|exceeds the (maximum|context)/i.test(
    body.toString("latin1", 0, Math.min(body.length, 4096)),
  );
}

/** What the provider says of a wrong question is for whoever asked it. */
export function passedOn({ status, body }: ByProvider, { id }: Candidate): CallError {
  const { message, code, param, details } = errorOf(body);
  return new CallError(status, code ?? "invalid_request", message ?? `${id} answered ${status}.`, { param, details });
}

/** What the client is told when no model answered. @param tooLong one of them found the question too long */
export function exhausted(last: Unanswered, tooLong: boolean): CallError {
  const { id, provider } = last.candidate;
  if (last.is === "closed") {
    return new CallError(502, "provider_failed", `${id} failed too often; it is tried again in a moment.`);
  }
  if (last.is === "failed") {
    if (last.error instanceof CallError) return last.error;
    return new CallError(502, "provider_failed", `${id} failed: ${last.error.message}`, { cause: last.error });
  }
  const { status, body, headers } = last.refused;
  const { message, details } = errorOf(body);
  if (tooLong) return new CallError(400, "context_length_exceeded", message ?? "The question is too long.");
  if (status === 401 || status === 403) {
    return new CallError(502, "provider_refused_key", `${provider.name} refused the key that the gateway has for it.`, {
      hint: "Set the right one on the page Models.",
    });
  }
  if (status === 429) {
    const retryAfter = retryAfterOf(headers["retry-after"]);
    return new CallError(429, "provider_rate_limited", message ?? `${id} has too many requests.`, { retryAfter });
  }
  if (status === 404) {
    return new CallError(404, "model_not_found", message ?? `${provider.name} has no such model.`, { details });
  }
  if (status === 400 || status === 422) return passedOn(last.refused, last.candidate);
  return new CallError(502, "provider_failed", `${id} answered ${status}. ${message ?? ""}`.trim());
}
