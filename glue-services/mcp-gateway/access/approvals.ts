import { createHash } from "node:crypto";
import { type App, storableJson } from "../../kit/index.ts";
import type { Caller } from "./caller.ts";
import type { Rule } from "./rules.ts";

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

/** Time in which an approved call must be made, and in which a denied one need not be asked for again. */
const [usable, denied] = ["24 hours", "10 minutes"];

/**
 * Whether somebody approved this very call for this caller; an approval is used up by it, and expires when it is not used.
 * Else it is asked for, once, and stays open until somebody decides.
 *
 * @param rule that made it wait
 */
export async function approved(
  app: App,
  caller: Caller,
  call: ToolCall,
  rule: Rule | undefined,
): Promise<"yes" | "no" | "asked"> {
  const digest = digestOf(call);
  const state = await app.database.withTenant(caller, async (tx) => {
    const { rows: decided } = await tx.query<{ state: string }>(
      `update approval set arguments = null,
         state = case when decided_at > now() - $3::interval then 'used' else 'expired' end
       where digest = $1 and asked_by = $2 and state = 'approved' returning state`,
      [digest, caller.id, usable],
    );
    if (decided[0]?.state === "used") return "yes" as const;
    const { rows } = await tx.query<{ state: string }>(
      `select state from approval where digest = $1 and asked_by = $2 and state in ('denied', 'used')
         and decided_at > now() - $3::interval order by decided_at desc limit 1`,
      [digest, caller.id, denied],
    );
    if (rows[0]?.state === "denied") return "no" as const;
    await tx.query(
      `insert into approval (server, tool, arguments, digest, asked_by, person_id, asker, client, rule)
       values ($1, $2, $3, $4, $5, $6, mcp_gateway.name_of($7), coalesce(mcp_gateway.name_of($8), $8), $9)
       on conflict (organisation_id, digest, asked_by) where state in ('pending', 'approved') do nothing`,
      [
        ...[call.server, call.tool, storableJson(call.arguments), digest, caller.id, caller.person],
        ...[caller.person ?? caller.credential, caller.client, rule && storableJson(rule)],
      ],
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
