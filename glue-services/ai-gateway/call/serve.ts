import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { Caller } from "../callers.ts";
import type { Reservation } from "../limits/ledger.ts";
import type { Outgoing } from "../providers/exchange.ts";
import type { Candidate, Plan } from "../routing/plan.ts";
import { isSpelling } from "../translate/habits.ts";
import type { Tokens } from "../usage/usage.ts";
import { beginSpan, endSpan } from "../watch/span.ts";
import { CallError } from "../wire/call-error.ts";
import { errorOf } from "../wire/error-text.ts";
import { estimate } from "../wire/estimate.ts";
import type { Asked, Shape } from "../wire/shape.ts";
import { respelled, shapeOf } from "../wire/shapes.ts";
import { type Attempt, askStream, askWhole } from "./attempt.ts";
import { openBill } from "./bill.ts";
import type { Gateway } from "./context.ts";
import { continued } from "./continued.ts";
import { endCut } from "./cut.ts";
import { outgoingOf } from "./outgoing.ts";
import { type AnswerStream, openStream } from "./stream.ts";

/** What came of a call that was not streamed. */
export interface Served {
  status: number;
  body: Buffer | string;
  contentType: string;
  candidate: Candidate;
  tokens: Tokens;
}

type Refused = Extract<Attempt, { is: "refused" | "failed" }>;

/** Whoever looks at answers that are streamed: guardrails, the cache, the audit log. */
export interface Watch {
  /** Streams are kept from the client until they are whole. */
  hold: boolean;
  /**
   * Told of a whole stream; answers it as the client may have it, which counts only when it was held.
   *
   * @throws CallError when the client may not have it
   */
  streamed(whole: { text: string; candidate: Candidate; tokens: Tokens }): string;
}

/** Tries the models of a plan in turn. Resolves with a whole answer, or with undefined when a stream was sent. */
export async function serve(
  gateway: Gateway,
  caller: Caller,
  question: Asked,
  plan: Plan,
  reply: FastifyReply,
  watch?: Watch,
): Promise<Served | undefined> {
  let asked = question;
  const expected = estimate(asked);
  const bill = openBill(gateway, caller, asked, expected);
  let last: { refused: Refused; candidate: Candidate } | undefined;
  let tooLong = false;
  const continues = asked.stream && plan.options.cut === "continue" && asked.surface === "chat";
  const use = { hold: watch?.hold === true, keep: watch !== undefined || continues };

  for (const [at, candidate] of plan.candidates.entries()) {
    const others = at < plan.candidates.length - 1;
    if (others && candidate.context !== undefined && expected.input > candidate.context) continue;
    const circuit = `${candidate.provider.organisation ?? ""} ${candidate.id}`;
    for (let tries = 0; tries <= plan.options.retries; tries++) {
      if (!gateway.breaker.allows(circuit)) {
        last ??= {
          candidate,
          refused: {
            is: "failed",
            error: new Error(`${candidate.id} failed too often; it is tried again in a moment.`),
          },
        };
        break;
      }
      const reservation = await bill.reserve(candidate);
      const stream = asked.stream ? openStream(reply, candidate, use) : undefined;
      const span = beginSpan(asked, candidate);
      const attempt = await ask(gateway, caller, asked, candidate, plan, reply, reservation, stream);
      endSpan(span, attempt);
      const known = { candidate, reservation };
      if (attempt.is === "answered") {
        gateway.breaker.ok(circuit);
        const { whole, status, headers } = attempt;
        const output = whole.tokens ? 0 : Math.ceil(whole.body.length / 5);
        const estimated = { ...expected, output };
        bill.write({ ...known, status: "ok", code: status, tokens: whole.tokens, estimated });
        const tokens = whole.tokens ?? { ...estimated, cached: 0 };
        return {
          status,
          body: whole.body,
          contentType: whole.contentType ?? contentTypeOf(headers),
          candidate,
          tokens,
        };
      }
      if (attempt.is === "streamed") {
        gateway.breaker.ok(circuit);
        const { flow, firstMs } = attempt;
        const estimated = { ...expected, output: flow.pieces };
        bill.write({ ...known, status: "ok", code: 200, tokens: flow.tokens, estimated, firstMs });
        const text = stream?.text();
        if (watch && text !== undefined && asked === question) {
          stream?.release(watch.streamed({ text, candidate, tokens: flow.tokens ?? { ...estimated, cached: 0 } }));
        }
        reply.raw.end();
        return undefined;
      }
      if (attempt.is === "cut") {
        gateway.breaker.bad(circuit);
        const { flow, firstMs, error } = attempt;
        const estimated = { ...expected, output: flow.pieces };
        bill.write({ ...known, status: "cut", code: 200, tokens: flow.tokens, estimated, firstMs });
        last = { candidate, refused: { is: "failed", error } };
        // What was held is not missed by anybody: another model answers as if nothing had been.
        if (use.hold) break;
        const further = continues && others ? continued(asked, stream?.text()) : undefined;
        if (further) {
          asked = further;
          break;
        }
        endCut(reply.raw, asked.surface, candidate.id, error, flow.sequence);
        return undefined;
      }
      if (attempt.is === "cancelled") {
        const { flow, firstMs } = attempt;
        const estimated = { ...expected, output: flow?.pieces ?? 0 };
        bill.write({ ...known, status: "cancelled", code: 499, tokens: flow?.tokens, estimated, firstMs });
        if (!reply.sent) reply.hijack();
        reply.raw.destroy();
        return undefined;
      }
      reservation.release();
      last = { refused: attempt, candidate };
      const verdict = judge(attempt, { gateway, caller, candidate, circuit });
      const code = attempt.is === "refused" ? attempt.status : 502;
      bill.write({ ...known, reservation: undefined, status: "failed", code, tokens: noTokens, estimated: expected });
      if (verdict === "theirs" && asked === question) {
        throw passedOn(attempt as Extract<Attempt, { is: "refused" }>, candidate);
      }
      if (verdict === "too-long") tooLong = true;
      if (verdict !== "again" || tries === plan.options.retries) break;
      await pause(delay(attempt, tries, others));
    }
  }
  const end = last
    ? exhausted(last, tooLong)
    : new CallError(400, "context_length_exceeded", "The question is too long for every model of this name.");
  // The client has a part of it, and nobody could go on.
  if (!reply.raw.headersSent) throw end;
  endCut(reply.raw, asked.surface, asked.body.model, end);
  return undefined;
}

const noTokens = { input: 0, cached: 0, output: 0 };

async function ask(
  gateway: Gateway,
  caller: Caller,
  asked: Asked,
  candidate: Candidate,
  plan: Plan,
  reply: FastifyReply,
  reservation: Reservation,
  stream: AnswerStream | undefined,
): Promise<Attempt> {
  try {
    const shape = shapeOf(asked, candidate);
    const key = gateway.keys.of(candidate.provider, caller);
    const outgoing = outgoingOf(candidate.provider, shape, candidate.model, key instanceof Promise ? await key : key);
    const pool = gateway.pools.of(candidate.provider);
    const ready = outgoing instanceof Promise ? await outgoing : outgoing;
    const attempt = await send(ready, shape);
    const other = attempt.is === "refused" ? respelled(asked, candidate, shape, attempt) : undefined;
    return other ? await send(await outgoingOf(candidate.provider, other, candidate.model, await key), other) : attempt;

    function send(request: Outgoing, as: Shape): Promise<Attempt> {
      if (!stream) return askWhole(pool, request, plan.options, as, reply.raw);
      return askStream(pool, request, plan.options, as, stream.sink);
    }
  } catch (error) {
    if (error instanceof CallError && (error.code === "provider_key_missing" || error.code === "not_supported"))
      return { is: "failed", error };
    reservation.release();
    throw error;
  }
}

type Verdict = "again" | "next" | "too-long" | "theirs";

/** What a failure means: to try again, to try another model, or that the question itself is wrong. */
function judge(
  attempt: Refused,
  { gateway, caller, candidate, circuit }: { gateway: Gateway; caller: Caller; candidate: Candidate; circuit: string },
): Verdict {
  if (attempt.is === "failed") {
    if (attempt.error instanceof CallError) return "next";
    gateway.breaker.bad(circuit);
    return "again";
  }
  const { status, body } = attempt;
  if (status === 401 || status === 403) {
    gateway.keys.refused(candidate.provider, caller);
    return "next";
  }
  if (status === 429) return "again";
  if (status === 408 || status >= 500) {
    gateway.breaker.bad(circuit);
    return "again";
  }
  // The provider is well, whatever it thinks of the question.
  gateway.breaker.ok(circuit);
  if (isTooLong(body)) return "too-long";
  // What the gateway spells, no client can mend.
  return status === 404 || isSpelling(body) ? "next" : "theirs";
}

function isTooLong(body: Buffer): boolean {
  return /context_length_exceeded|maximum context length|prompt is too long|input is too long|exceeds the (maximum|context)/i.test(
    body.toString("latin1", 0, Math.min(body.length, 4096)),
  );
}

/** Milliseconds: what the provider asks for when nobody else is there, else a growing time, by chance shorter or longer. */
function delay(attempt: Refused, tries: number, others: boolean): number {
  const wanted = attempt.is === "refused" ? Number(attempt.headers["retry-after"]) * 1000 : Number.NaN;
  if (!others && wanted > 0) return Math.min(wanted, 10_000) * (1 + Math.random() / 10);
  return Math.min(4000, 200 * 2 ** tries) * (0.5 + Math.random());
}

/** What the provider says of a wrong question is for whoever asked it. */
function passedOn({ status, body }: Extract<Attempt, { is: "refused" }>, { id }: Candidate): CallError {
  const { message, code, param } = errorOf(body);
  return new CallError(status, code ?? "invalid_request", message ?? `${id} answered ${status}.`, { param });
}

function exhausted({ refused, candidate }: { refused: Refused; candidate: Candidate }, tooLong: boolean) {
  const { id, provider } = candidate;
  if (refused.is === "failed") {
    if (refused.error instanceof CallError) return refused.error;
    return new CallError(502, "provider_failed", `${id} failed: ${refused.error.message}`, { cause: refused.error });
  }
  const { status, body, headers } = refused;
  const { message } = errorOf(body);
  if (tooLong) return new CallError(400, "context_length_exceeded", message ?? "The question is too long.");
  if (status === 401 || status === 403) {
    return new CallError(502, "provider_refused_key", `${provider.name} refused the key that the gateway has for it.`, {
      hint: "Set the right one: devflow secrets set …; the page AI gateway names it.",
    });
  }
  if (status === 429) {
    const retryAfter = Number(headers["retry-after"]) || undefined;
    return new CallError(429, "provider_rate_limited", message ?? `${id} has too many requests.`, { retryAfter });
  }
  if (status === 404) return new CallError(404, "model_not_found", message ?? `${provider.name} has no such model.`);
  if (status === 400 || status === 422) return passedOn(refused, candidate);
  return new CallError(502, "provider_failed", `${id} answered ${status}. ${message ?? ""}`.trim());
}

function contentTypeOf(headers: IncomingHttpHeaders): string {
  return String(headers["content-type"] ?? "application/json");
}
