import type { FastifyBaseLogger } from "fastify";
import { type Database, storableJson, storableText } from "../../kit/index.ts";
import type { Caller } from "../callers.ts";
import { cut, type Noted } from "../guard/guarding.ts";
import { personal } from "../guard/personal.ts";
import { secrets } from "../guard/secrets.ts";
import { changeTexts } from "../guard/texts.ts";
import { timeId } from "../usage/usage.ts";
import type { Asked } from "../wire/shape.ts";

/** What is written down of calls beside their usage: what guardrails found, and questions with their answers. */
export interface Records {
  /** What guardrails found in one call; the same again and again within a second becomes one entry. */
  found(caller: Caller, asked: Asked, noted: readonly Noted[]): void;
  /** A question and its answer, with what is secret or personal cut out. */
  said(caller: Caller, call: SaidCall): void;
  /** Entries that found no room. */
  readonly dropped: number;
  close(): Promise<void>;
}

export interface SaidCall {
  asked: Asked;
  provider: string;
  model: string;
  status: string;
  answer: string;
}

/**
 * Entries that may wait while the database is away, those of one organisation, so that none takes the room of all, and
 * characters of a question or an answer that are kept.
 */
const bounds = { waiting: 2000, each: 500, text: 32_768 };

export function openRecords(database: Database, log: FastifyBaseLogger, every = 1000): Records {
  const counted = new Map<
    string,
    { organisation: string; details: Record<string, unknown>; action: string; target: string; times: number }
  >();
  let calls: { organisation: string; row: unknown[] }[] = [];
  let dropped = 0;
  const waiting = new Map<string, number>();
  let writing = Promise.resolve();
  const timer = setInterval(() => void flush(), every);
  timer.unref();

  return {
    found({ organisation, key, person, service }, { surface, body: { model } }, noted) {
      for (const { guard, action, what, side } of noted) {
        const details = { what, side, surface, model, key, person, service };
        const id = JSON.stringify([organisation, guard, action, details]);
        const entry = counted.get(id);
        if (entry) entry.times++;
        else if (counted.size >= bounds.waiting || !hasRoom(organisation)) dropped++;
        else counted.set(id, { organisation, details, action: `guard.${action}`, target: guard, times: 1 });
      }
    },
    said(caller, { asked, provider, model, status, answer }) {
      if (calls.length >= bounds.waiting || !hasRoom(caller.organisation)) return void dropped++;
      const { organisation, key, person, service } = caller;
      const row = [
        timeId(),
        new Date().toISOString(),
        key,
        person,
        service,
        asked.surface,
        asked.body.model,
        provider,
        model,
        status,
      ];
      calls.push({
        organisation,
        row: [...row, kept(JSON.stringify(changeTexts(asked.body, clean))), kept(clean(answer))],
      });
    },
    get dropped() {
      return dropped;
    },
    async close() {
      clearInterval(timer);
      await flush();
    },
  };

  /** Takes a place of the organisation's. */
  function hasRoom(organisation: string): boolean {
    const places = waiting.get(organisation) ?? 0;
    if (places >= bounds.each) return false;
    waiting.set(organisation, places + 1);
    return true;
  }

  function flush(): Promise<void> {
    writing = writing.then(write);
    return writing;
  }

  async function write(): Promise<void> {
    const findings = [...counted.values()];
    const said = calls;
    counted.clear();
    waiting.clear();
    calls = [];
    for (const { organisation, action, target, details, times } of findings) {
      await attempt(
        organisation,
        "insert into audit (credential, action, target, details) values ('ai-gateway', $1, $2, $3)",
        [action, target, storableJson({ ...details, times })],
      );
    }
    for (const { organisation, row } of said) {
      await attempt(
        organisation,
        `insert into recorded_call (id, at, key_id, person, service, surface, asked, provider, model, status, question, answer)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        row,
      );
    }
  }

  async function attempt(organisation: string, text: string, values: unknown[]): Promise<void> {
    try {
      await database.query({ organisation }, { text, values });
    } catch (error) {
      dropped++;
      log.warn({ err: error }, "an entry of the audit log could not be written");
    }
  }
}

/** Whatever the organisation's guardrails do: what is written down has no secrets in it. */
export function clean(text: string): string {
  let now = text;
  for (const guard of [secrets, personal]) {
    now = cut(now, guard.find(now, { side: "question", role: "user", policy: {} }));
  }
  return now;
}

function kept(text: string): string {
  const short = storableText(text, bounds.text);
  return text.length > bounds.text ? `${short}… (${text.length} characters)` : short;
}
