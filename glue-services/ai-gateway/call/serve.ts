import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { Caller } from "../callers.ts";
import type { Reservation } from "../limits/ledger.ts";
import { type Outgoing, ProviderFailure } from "../providers/exchange.ts";
import type { Candidate, Plan } from "../routing/plan.ts";
import type { Tokens } from "../usage/usage.ts";
import { beginSpan, endSpan } from "../watch/span.ts";
import { CallError } from "../wire/call-error.ts";
import { estimate } from "../wire/estimate.ts";
import type { Asked, Flow, Shape } from "../wire/shape.ts";
import { disproved, respelled, shapeOf } from "../wire/shapes.ts";
import { type Attempt, askStream, askWhole } from "./attempt.ts";
import { type Bill, type Entry, openBill } from "./bill.ts";
import type { Gateway } from "./context.ts";
import { continued } from "./continued.ts";
import { endCut } from "./cut.ts";
import { outgoingOf } from "./outgoing.ts";
import { type AnswerStream, openStream } from "./stream.ts";
import { exhausted, healthOf, heardOf, judge, passedOn, type Refused, type Unanswered } from "./verdict.ts";

/** What came of a call that was not streamed. */
export interface Served {
  status: number;
  body: Buffer | string;
  contentType: string;
  candidate: Candidate;
  tokens: Tokens;
}

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

/** A call on its way through the models of a plan. */
interface Call {
  gateway: Gateway;
  caller: Caller;
  plan: Plan;
  reply: FastifyReply;
  watch: Watch | undefined;
  bill: Bill;
  expected: { input: number; output: number };
  /** What is asked: other than what the client asked, once another model goes on with what was cut. */
  asked: Asked;
  isAsClientAsked: boolean;
  use: { hold: boolean; keep: boolean };
  /** Another model may go on where a stream was cut. */
  continues: boolean;
}

/** Where in the plan an attempt stands. */
interface Round {
  tries: number;
  /** Other models come after this one. */
  others: boolean;
}

/** What follows from one attempt at one model. */
type Verdict =
  /** The client has its answer, or is gone. */
  | { is: "served"; served?: Served }
  /** The client has a part of it, and nobody can go on. */
  | { is: "ended"; error: Error; sequence: number | undefined }
  /** The question is wrong, whoever is asked. */
  | { is: "theirs"; error: CallError }
  | { is: "again"; why: Unanswered; after: number }
  | { is: "next"; why: Unanswered };

/** Tries the models of a plan in turn. Resolves with a whole answer, or with undefined when a stream was sent. */
export async function serve(
  gateway: Gateway,
  caller: Caller,
  asked: Asked,
  plan: Plan,
  reply: FastifyReply,
  watch?: Watch,
): Promise<Served | undefined> {
  const expected = estimate(asked);
  const continues = asked.stream && plan.options.cut === "continue" && asked.surface === "chat";
  const use = { hold: watch?.hold === true, keep: watch !== undefined || continues };
  const bill = openBill(gateway, caller, asked, expected);
  const call: Call = {
    ...{ gateway, caller, plan, reply, watch, bill, expected, asked },
    ...{ isAsClientAsked: true, use, continues },
  };
  let last: Unanswered | undefined;
  let tooLong = false;
  for (const [at, candidate] of plan.candidates.entries()) {
    const others = at < plan.candidates.length - 1;
    if (others && candidate.context !== undefined && expected.input > candidate.context) continue;
    let more = true;
    for (let tries = 0; more; tries++) {
      const verdict = await attempt(call, candidate, { tries, others });
      switch (verdict.is) {
        case "served":
          return verdict.served;
        case "theirs":
          throw verdict.error;
        case "ended":
          endCut(reply.raw, call.asked.surface, candidate.id, verdict.error, verdict.sequence);
          return undefined;
        case "again":
          last = verdict.why;
          await pause(verdict.after);
          break;
        case "next":
          last = verdict.why.is === "closed" ? (last ?? verdict.why) : verdict.why;
          more = false;
      }
      tooLong ||= last?.is === "refused" && last.tooLong;
    }
  }
  const end = last
    ? exhausted(last, tooLong)
    : new CallError(400, "context_length_exceeded", "The question is too long for every model of this name.");
  // The client has a part of it, and nobody could go on.
  if (!reply.raw.headersSent) throw end;
  endCut(reply.raw, call.asked.surface, call.asked.body.model, end);
  return undefined;
}

/** One attempt. What it holds of the circuit and the budgets ends with it, however it ends. */
async function attempt(call: Call, candidate: Candidate, round: Round): Promise<Verdict> {
  const { gateway, caller, reply, bill, asked } = call;
  using pass = gateway.breaker.enter(`${caller.organisation} ${candidate.id}`);
  if (!pass) return { is: "next", why: { is: "closed", candidate } };
  using reservation = await bill.reserve(candidate);
  // The client may have left while the next attempt, or a lease, was waited for.
  if (reply.raw.destroyed) return gone(call);
  const stream = asked.stream ? openStream(reply, candidate, call.use) : undefined;
  const span = beginSpan(asked, candidate);
  const attempted = await ask(call, candidate, stream);
  endSpan(span, attempted);
  const health = healthOf(attempted);
  if (health === "well") pass.succeeded();
  else if (health === "failing") pass.failed();
  const heard = heardOf(attempted);
  if (heard) gateway.health.note(candidate.provider, caller.organisation, heard);
  return conclude(call, attempted, { candidate, reservation, stream, round });
}

interface Known {
  candidate: Candidate;
  reservation: Reservation;
  stream: AnswerStream | undefined;
  round: Round;
}

/** Writes the bill of an attempt, and says what follows from it. */
function conclude(call: Call, attempted: Attempt, { candidate, reservation, stream, round }: Known): Verdict {
  const { bill, expected, watch, reply } = call;
  const known = { candidate, reservation };
  switch (attempted.is) {
    case "answered": {
      const { whole, status, headers } = attempted;
      const output = whole.tokens ? 0 : Math.ceil(whole.body.length / 5);
      const estimated = { ...expected, output };
      bill.write({ ...known, status: "ok", code: status, tokens: whole.tokens, estimated });
      const tokens = whole.tokens ?? { ...estimated, cached: 0 };
      const contentType = whole.contentType ?? contentTypeOf(headers);
      return { is: "served", served: { status, body: whole.body, contentType, candidate, tokens } };
    }
    case "streamed": {
      const { flow, firstMs } = attempted;
      const estimated = { ...expected, output: flow.pieces };
      bill.write({ ...known, status: "ok", code: 200, tokens: flow.tokens, estimated, firstMs });
      const text = stream?.text();
      if (watch && text !== undefined && call.isAsClientAsked) {
        stream?.release(watch.streamed({ text, candidate, tokens: flow.tokens ?? { ...estimated, cached: 0 } }));
      }
      reply.raw.end();
      return { is: "served" };
    }
    case "cut": {
      const { flow, firstMs, error } = attempted;
      const { tokens, estimated } = soFar(flow, expected);
      if (error instanceof ProviderFailure && error.reason === "unread") {
        bill.write({ ...known, status: "cancelled", code: 499, tokens, estimated, firstMs });
        return gone(call);
      }
      bill.write({ ...known, status: "cut", code: 200, tokens, estimated, firstMs });
      const why: Unanswered = { is: "failed", candidate, error };
      // What was held is not missed by anybody: another model answers as if nothing had been.
      if (call.use.hold) return { is: "next", why };
      const further = call.continues && round.others ? continued(call.asked, stream?.text()) : undefined;
      if (!further) return { is: "ended", error, sequence: flow.sequence };
      call.asked = further;
      call.isAsClientAsked = false;
      return { is: "next", why };
    }
    case "cancelled": {
      const { flow, firstMs } = attempted;
      bill.write({ ...known, status: "cancelled", code: 499, ...soFar(flow, expected), firstMs });
      return gone(call);
    }
    default:
      return refused(call, attempted, candidate, round);
  }
}

/**
 * What a stream used that did not come to its end. Some providers count the question in the first event and the answer in
 * the last: what was said of the answer until then is its beginning, not its length.
 */
function soFar(flow: Flow | undefined, expected: Call["expected"]): Pick<Entry, "tokens" | "estimated"> {
  const { tokens, pieces } = flow ?? { tokens: undefined, pieces: 0 };
  const whole = flow?.finished || (tokens && tokens.output >= pieces);
  return { tokens: whole ? tokens : undefined, estimated: { ...expected, ...tokens, output: pieces } };
}

/** Nothing was sent to the client; the attempt costs nothing. */
function refused(call: Call, attempted: Refused, candidate: Candidate, { tries, others }: Round): Verdict {
  const { gateway, caller, bill, expected } = call;
  const code = codeOf(attempted);
  bill.write({ candidate, reservation: undefined, status: "failed", code, tokens: noTokens, estimated: expected });
  if (code === 401 || code === 403) gateway.keys.refused(candidate.provider, caller);
  const judged = judge(attempted, { tries, others });
  const tooLong = judged.is === "too-long";
  const why: Unanswered =
    attempted.is === "refused"
      ? { is: "refused", candidate, refused: attempted, tooLong }
      : { is: "failed", candidate, error: attempted.error };
  if (judged.is === "theirs" && call.isAsClientAsked)
    return { is: "theirs", error: passedOn(judged.refused, candidate) };
  if (judged.is === "again" && tries < call.plan.options.retries) return { is: "again", why, after: judged.after };
  return { is: "next", why };
}

function codeOf(attempted: Refused): number {
  if (attempted.is === "refused") return attempted.status;
  return attempted.error instanceof CallError ? attempted.error.status : 502;
}

function gone({ reply }: Call): Verdict {
  if (!reply.sent) reply.hijack();
  reply.raw.destroy();
  return { is: "served" };
}

const noTokens = { input: 0, cached: 0, output: 0 };

async function ask(call: Call, candidate: Candidate, stream: AnswerStream | undefined): Promise<Attempt> {
  const { gateway, caller, asked, plan, reply } = call;
  const { provider, model } = candidate;
  try {
    const shape = shapeFor(call, asked, candidate);
    const key = gateway.keys.of(provider, caller);
    const outgoing = outgoingOf(provider, shape, model, key instanceof Promise ? await key : key);
    const pool = gateway.pools.of(provider);
    const ready = outgoing instanceof Promise ? await outgoing : outgoing;
    const attempted = await send(ready, shape);
    const other = attempted.is === "refused" ? respelled(asked, candidate, shape, attempted) : undefined;
    if (!other) return attempted;
    const again = await send(await outgoingOf(provider, other, model, await key), other);
    return disproved(candidate, other, again) ? attempted : again;

    function send(request: Outgoing, as: Shape): Promise<Attempt> {
      if (!stream) return askWhole(pool, request, plan.options, as, reply.raw);
      return askStream(pool, request, plan.options, as, stream.sink);
    }
  } catch (error) {
    if (error instanceof CallError && (error.code === "provider_key_missing" || error.code === "not_supported"))
      return { is: "failed", error };
    throw error;
  }
}

/** @throws CallError also for a body that has not the form of its API, which only a translation stumbles over */
function shapeFor({ gateway }: Call, asked: Asked, candidate: Candidate): Shape {
  try {
    return shapeOf(asked, candidate);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    gateway.app.log.warn({ err: error }, "a body could not be translated");
    throw new CallError(400, "invalid_request", `The body has not the form of this API: ${error.message}.`, {
      cause: error,
    });
  }
}

function contentTypeOf(headers: IncomingHttpHeaders): string {
  return String(headers["content-type"] ?? "application/json");
}
