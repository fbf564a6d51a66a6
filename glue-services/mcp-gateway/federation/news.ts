import type { Pool } from "pg";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { Params } from "./source.ts";

/** What servers say to a caller's connections at one host, for the streams that the caller has open at others. */
export interface News {
  tell(caller: string, server: string, method: string, params: Params): void;
  /** A notification of the database, as another host sent it; undefined when it is none of these. */
  read(payload: string): Told | undefined;
  close(): Promise<void>;
}

const Told = Type.Object({
  host: Type.String(),
  caller: Type.String(),
  server: Type.String(),
  method: Type.String(),
  uri: Type.Optional(Type.String({ description: "Of a resource." })),
});
export type Told = Static<typeof Told>;

/** Milliseconds that news are gathered for: a server that says the same a hundred times says it once. */
const every = 50;
/** PostgreSQL takes notifications of less than 8000 bytes. */
const longest = 7500;
/** News that wait at most; a server that says more than that a moment is not passed on whole. */
const most = 500;

/** @param channel that hosts listen on already */
export function openNews(pool: Pick<Pool, "query">, channel: string, host: () => string): News {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();
  return {
    tell(caller, server, method, { uri }) {
      const told: Told = { host: host(), caller, server, method, ...(typeof uri === "string" && { uri }) };
      const text = JSON.stringify(told);
      if (Buffer.byteLength(text) > longest || waiting.size >= most) return;
      waiting.add(text);
      timer ??= setTimeout(send, every).unref();
    },
    read(payload) {
      if (!payload.startsWith("{")) return undefined;
      const told: unknown = JSON.parse(payload);
      return Value.Check(Told, told) && told.host !== host() ? told : undefined;
    },
    async close() {
      clearTimeout(timer);
      await sending;
    },
  };

  function send(): void {
    timer = undefined;
    const texts = [...waiting];
    waiting = new Set();
    const text = "select pg_notify($1, told) from unnest($2::text[]) as news (told)";
    // While the database is away no host hears of anything; clients list anew when they connect anew.
    sending = pool.query({ name: "mcp.news", text, values: [channel, texts] }).then(
      () => {},
      () => {},
    );
  }
}
