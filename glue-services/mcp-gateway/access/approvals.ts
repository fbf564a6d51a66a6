import { createHash } from "node:crypto";
import { type App, storableJson } from "../../kit/index.ts";
import type { Caller } from "./caller.ts";

export interface ToolCall {
  server: string;
  tool: string;
  arguments: Record<string, unknown>;
}

/** Names exactly this call: the same arguments in another order are the same call. */
export function digestOf({ server, tool, arguments: given }: ToolCall): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([server, tool, sorted(given)]))
    .digest();
}

/**
 * Whether somebody approved this very call for this caller; an approval is used up by it. Else it is asked for, once, and
 * stays open until somebody decides.
 */
export async function approved(app: App, caller: Caller, call: ToolCall): Promise<"yes" | "no" | "asked"> {
  const digest = digestOf(call);
  const state = await app.database.withTenant(caller, async (tx) => {
    const used = await tx.query(
      "update approval set state = 'used', arguments = null where digest = $1 and asked_by = $2 and state = 'approved'",
      [digest, caller.id],
    );
    if (used.rowCount) return "yes" as const;
    const { rows } = await tx.query<{ state: string }>(
      `select state from approval where digest = $1 and asked_by = $2 and decided_at > now() - interval '10 minutes'
       order by decided_at desc limit 1`,
      [digest, caller.id],
    );
    if (rows[0]?.state === "denied") return "no" as const;
    await tx.query(
      `insert into approval (server, tool, arguments, digest, asked_by) values ($1, $2, $3, $4, $5)
       on conflict (organisation_id, digest, asked_by) where state in ('pending', 'approved') do nothing`,
      [call.server, call.tool, storableJson(call.arguments), digest, caller.id],
    );
    return "asked" as const;
  });
  if (state === "asked") app.live.publish("mcp", { approval: call.tool }, caller);
  return state;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
