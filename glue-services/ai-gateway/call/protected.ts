import type { FastifyReply } from "fastify";
import type { Hit, Kept, Wanted } from "../cache/cache.ts";
import { type Place, placeOf } from "../cache/question.ts";
import type { Caller } from "../callers.ts";
import { guardQuestion, guardStream, guardWhole, looksAtAnswers } from "../guard/answer.ts";
import type { Noted } from "../guard/guarding.ts";
import type { Protection } from "../policy.ts";
import type { Candidate, Plan } from "../routing/plan.ts";
import type { Tokens } from "../usage/usage.ts";
import { estimate } from "../wire/estimate.ts";
import type { Asked } from "../wire/shape.ts";
import { openBill } from "./bill.ts";
import type { Gateway } from "./context.ts";
import { type Served, serve } from "./serve.ts";
import { sendHead } from "./stream.ts";

/** What a client's headers wish of the cache. */
export interface Wishes {
  /** Ask anew, and keep the answer. */
  fresh: boolean;
  /** Neither look nor keep. */
  none: boolean;
}

/** A call of an organisation that has guardrails, a cache or an audit log of its calls: what `serve` does, between these. */
export async function serveProtected(
  gateway: Gateway,
  caller: Caller,
  original: Asked,
  plan: Plan,
  reply: FastifyReply,
  protection: Protection,
  wishes: Wishes,
): Promise<(Served & { hit?: Hit }) | undefined> {
  const noted: Noted[] = [];
  const { guarding, cache, record } = protection;
  try {
    const asked = guarding ? guardQuestion(guarding, original, noted) : original;
    const place = cache && !wishes.none ? placeOf(caller, asked, plan, protection.text) : undefined;
    if (cache && place && !wishes.fresh) {
      const found = await gateway.cache.find(caller.organisation, place, cache);
      // A stream is kept as it was sent, so one that only means the same may be of the other kind.
      if (found && found.streamed === asked.stream) return await again(found, asked);
    }
    const guards = looksAtAnswers(guarding, asked) ? guarding : undefined;
    const finish = (answer: string, candidate: Candidate, tokens: Tokens, contentType: string) => {
      if (record) said(asked, candidate, "ok", answer);
      if (cache && place)
        keep(place, cache, {
          answer,
          contentType,
          tokens,
          streamed: asked.stream,
          provider: candidate.provider.name,
          model: candidate.model,
        });
    };
    const served = await serve(gateway, caller, asked, plan, reply, {
      hold: guards !== undefined,
      streamed({ text, candidate, tokens }) {
        const answer = guards ? guardStream(guards, asked, { text, model: candidate.model, tokens }, noted) : text;
        finish(answer, candidate, tokens, "text/event-stream; charset=utf-8");
        return answer;
      },
    });
    if (!served) return undefined;
    const body = guards ? guardWhole(guards, asked, served.body, noted) : served.body;
    if (isText(served.contentType)) finish(body.toString(), served.candidate, served.tokens, served.contentType);
    return { ...served, body };
  } finally {
    if (noted.length > 0) {
      gateway.records.found(caller, original, noted);
      gateway.metrics.guard(noted);
    }
  }

  /** Gives a kept answer: nobody is paid for it, and it counts as a call. */
  async function again(hit: Hit, asked: Asked): Promise<(Served & { hit: Hit }) | undefined> {
    const candidate =
      plan.candidates.find(({ provider, model }) => provider.name === hit.provider && model === hit.model) ??
      (plan.candidates[0] as Candidate);
    const bill = openBill(gateway, caller, asked, estimate(asked));
    using reservation = await bill.reserveCached(candidate);
    bill.write({
      candidate,
      reservation,
      status: "cached",
      code: 200,
      tokens: hit.tokens,
      estimated: { input: 0, output: 0 },
    });
    if (record) said(asked, candidate, "cached", hit.answer);
    const headers = hitHeaders(hit);
    if (!hit.streamed) {
      reply.headers(headers);
      return { status: 200, body: hit.answer, contentType: hit.contentType, candidate, tokens: hit.tokens, hit };
    }
    sendHead(reply, { ...headers, "x-devflow-model": candidate.id });
    reply.raw.end(hit.answer);
    return undefined;
  }

  function keep(place: Place, wanted: Wanted, kept: Kept): void {
    gateway.cache.keep(caller.organisation, place, wanted, kept);
  }

  function said(
    asked: Asked,
    { provider: { name: provider }, model }: Candidate,
    status: string,
    answer: string,
  ): void {
    gateway.records.said(caller, { asked, provider, model, status, answer });
  }
}

function hitHeaders({ how, seconds }: Hit): Record<string, string> {
  return { "x-devflow-cache": how, age: String(Math.max(0, Math.round(seconds))) };
}

function isText(contentType: string): boolean {
  return /json|text/.test(contentType);
}
