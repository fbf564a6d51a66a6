import type { FastifyBaseLogger } from "fastify";
import type { Pool, PoolClient } from "pg";
import { keepClient } from "./kept-client.ts";

/** Called for each notification, and without payload after each (re)connection, since some may have been missed. */
export type Heard = (payload?: string) => void;

/** One connection of a host that hears what is told on every channel it listens on, also after it was lost. */
export interface Listener {
  /** @returns when it listens, or when it is known that it has to connect first; several may hear one channel, in turn */
  on(channel: string, heard: Heard): Promise<Channel>;
  close(): void;
}

export interface Channel {
  /** Tells every other host's listener; lost while the database is away, which their sweep makes good. */
  tell(): void;
  close(): void;
}

/** @param pool of a role that may connect; it needs no right on anything */
export async function openListener(pool: Pool, log: FastifyBaseLogger): Promise<Listener> {
  const channels = new Map<string, Set<Heard>>();
  const kept = await keepClient(pool, {
    purpose: "listening to other hosts",
    log,
    begin(client) {
      const own = (client as unknown as { processID: number }).processID;
      client.on("notification", ({ channel, processId, payload = "" }) => {
        if (processId !== own) tellAll(channels.get(channel), payload);
      });
      return Promise.all([...channels.keys()].map((channel) => listen(client, channel)));
    },
    ready() {
      for (const all of channels.values()) tellAll(all);
    },
  });

  return {
    async on(channel, heard) {
      const all = channels.get(channel) ?? new Set();
      channels.set(channel, all.add(heard));
      const { client } = kept;
      const listens = client && (await listen(client, channel).then(...always));
      // Else it listens when there is a connection again, and says so then.
      if (listens) heard();
      return { tell: telling(channel), close: () => void all.delete(heard) };
    },
    close: () => kept.close(),
  };

  function telling(channel: string): () => void {
    let under = false;
    return () => {
      // One at a time; a second one while the first is under way would tell nothing new.
      if (!kept.client || under) return;
      under = true;
      kept.client
        .query(`notify ${quoted(channel)}`)
        .catch(() => {})
        .finally(() => {
          under = false;
        });
    };
  }
}

function tellAll(all: ReadonlySet<Heard> = new Set(), payload?: string): void {
  for (const heard of all) heard(payload);
}

function listen(client: PoolClient, channel: string): Promise<unknown> {
  return client.query(`listen ${quoted(channel)}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const always = [() => true, () => false] as const;
