import { audit, type Transaction } from "../kit/index.ts";
import type { Tier } from "./schemas.ts";

export interface AuditRecord {
  action: "read" | "refused" | "set" | "rotated" | "deleted";
  tier: Tier;
  name: string;
  project?: string | null | undefined;
  version?: number | undefined;
  purpose?: string | undefined;
  credential?: string | undefined;
}

/** Adds an entry in the transaction of what it is about. */
export async function record(tx: Transaction, entry: AuditRecord): Promise<void> {
  const { action, name, credential, ...details } = entry;
  const kind = action === "read" || action === "refused" ? "access" : "change";
  await audit(tx, { action: `secret.${action}`, kind, target: name, credential, details });
}
