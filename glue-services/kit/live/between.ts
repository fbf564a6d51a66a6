import { randomBytes } from "node:crypto";
import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import type { Listener } from "../database/listener.ts";
import type { Hub, Published } from "./hub.ts";

const channel = "devflow_live";
/** Milliseconds that messages are gathered for. */
const every = 20;
/** PostgreSQL takes notifications of less than 8000 bytes. */
const frameLength = 7500;
/** Messages that wait while the database is away, and characters of those that are sent together. */
const most = { waiting: 1000, together: 1024 * 1024 };

/**
 * Tells the hosts on one database of each other's messages, by PostgreSQL's notifications: what one host does is seen
 * on the pages that are open at another. Whatever may have been lost on the way ends in a `resync`, never in silence.
 */
export async function shareBetweenHosts(
  hub: Hub,
  { owner, listener }: { owner: Pool; listener: Listener },
  log: FastifyBaseLogger,
): Promise<{ close(): Promise<void> }> {
  const self = randomBytes(6).toString("hex");
  const parts = new Map<string, string[]>();
  let waiting: Published[] = [];
  let lost = false;
  let sending = false;
  let heardBefore = false;
  let timer: NodeJS.Timeout | undefined;
  let batch = 0;

  const others = await listener.on(channel, heard);
  hub.onPublish((message) => {
    if (waiting.length < most.waiting) waiting.push(message);
    else lost = true;
    timer ??= setTimeout(() => void send(), every);
  });

  return {
    async close() {
      hub.onPublish(() => {});
      await send();
      others.close();
    },
  };

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (sending || (waiting.length === 0 && !lost)) return;
    sending = true;
    const taken = waiting;
    const gap = lost;
    waiting = [];
    lost = false;
    try {
      await owner.query({
        name: "devflow.live",
        text: "select pg_notify($1, frame) from unnest($2::text[]) with ordinality as f (frame, at) order by at",
        values: [channel, frames(taken, gap)],
      });
    } catch {
      // They are told to read anew as soon as they can be told anything.
      lost = true;
    } finally {
      sending = false;
      if (waiting.length > 0 || lost) timer ??= setTimeout(() => void send(), lost ? 1000 : every).unref();
    }
  }

  function frames(messages: readonly Published[], gap: boolean): string[] {
    const whole = ascii(JSON.stringify({ gap, messages }));
    const text = whole.length <= most.together ? whole : ascii(JSON.stringify({ gap: true, messages: [] }));
    const count = Math.ceil(text.length / frameLength);
    const id = `${self}/${++batch}`;
    return Array.from(
      { length: count },
      (_, at) => `${id}/${at + 1}/${count}/${text.slice(at * frameLength, (at + 1) * frameLength)}`,
    );
  }

  /** Without a payload: it listens, for the first time or again. */
  function heard(payload?: string): void {
    if (payload === undefined) {
      if (heardBefore) hub.resync();
      heardBefore = true;
      parts.clear();
      return;
    }
    const [, from = "", id = "", at, count, text = ""] =
      /^([0-9a-f]+)\/(\d+)\/(\d+)\/(\d+)\/(.*)$/s.exec(payload) ?? [];
    if (from === self || from === "") return;
    // A host's frames come in their order; one that was not finished belongs to a host that is gone.
    const before = at === "1" ? [] : (parts.get(from) ?? []);
    if (before.length !== Number(at) - 1) return;
    before.push(text);
    if (before.length < Number(count)) return void parts.set(from, before);
    parts.delete(from);
    take(before.join(""), id);
  }

  function take(text: string, id: string): void {
    try {
      const { gap, messages } = JSON.parse(text) as { gap: boolean; messages: Published[] };
      if (gap) hub.resync();
      for (const message of messages) hub.receive(message);
    } catch (error) {
      log.warn({ err: error, batch: id }, "a live message of another host could not be read");
    }
  }
}

/** One byte a character, so that its length is what PostgreSQL counts. */
function ascii(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
