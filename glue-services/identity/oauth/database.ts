import { AsyncLocalStorage } from "node:async_hooks";
import { kyselyAdapter } from "@better-auth/kysely-adapter";
import type { BetterAuthOptions } from "better-auth";
import { Kysely, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import { isUnavailable } from "../../kit/database/unavailable.ts";
import { isResource } from "./agents.ts";

/**
 * The database as Better Auth sees it. Every address of the MCP gateway is a resource that tokens may be made for, though
 * none has a row: which servers there are differs by organisation, and is the gateway's to know.
 */
export function databaseOf(pool: Pool, publicUrl: string) {
  const connecting = { options: pool.options, connect: () => pool.connect().catch(noted), end: () => pool.end() };
  const log = ({ level, ...event }: { level: string; error?: unknown }) =>
    void (level === "error" && note(event.error));
  const make = kyselyAdapter(new Kysely({ dialect: new PostgresDialect({ pool: connecting }), log }), {
    type: "postgres",
    transaction: true,
  });
  return (options: BetterAuthOptions) => {
    const adapter = make(options);
    return {
      ...adapter,
      async findOne<Row>(asked: Parameters<typeof adapter.findOne>[0]): Promise<Row | null> {
        const wanted = asked.model === "oauthResource" && asked.where.find(({ field }) => field === "identifier");
        const identifier = wanted ? String(wanted.value) : "";
        if (isResource(publicUrl, identifier)) return { identifier, name: identifier, disabled: false } as Row;
        return adapter.findOne<Row>(asked);
      },
    };
  };
}

const away = new AsyncLocalStorage<{ error?: unknown }>();

/**
 * Runs what asks Better Auth. It takes a database that is away for a session, a client or a password that is not there;
 * such an answer is nobody's to see.
 *
 * @throws the database's error when it was away
 */
export async function withDatabase(work: () => Promise<Response>): Promise<Response> {
  const seen: { error?: unknown } = {};
  const response = await away.run(seen, work);
  if (seen.error !== undefined && response.status >= 400) throw seen.error;
  return response;
}

function note(error: unknown): void {
  const seen = away.getStore();
  if (seen && isUnavailable(error)) seen.error ??= error;
}

function noted(error: unknown): never {
  note(error);
  throw error;
}
