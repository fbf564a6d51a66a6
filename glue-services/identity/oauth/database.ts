import { kyselyAdapter } from "@better-auth/kysely-adapter";
import type { BetterAuthOptions } from "better-auth";
import { Kysely, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import { isResource } from "./agents.ts";

/**
 * The database as Better Auth sees it. Every address of the MCP gateway is a resource that tokens may be made for, though
 * none has a row: which servers there are differs by organisation, and is the gateway's to know.
 */
export function databaseOf(pool: Pool, publicUrl: string) {
  const make = kyselyAdapter(new Kysely({ dialect: new PostgresDialect({ pool }) }), {
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
