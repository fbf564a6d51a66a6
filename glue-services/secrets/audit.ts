import type { Transaction } from "../kit/index.ts";
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
  const { action, tier, name, project, version, purpose, credential } = entry;
  await tx.query(
    `insert into audit (credential, action, tier, project_id, name, version, purpose) values ($1, $2, $3, $4, $5, $6, $7)`,
    [credential, action, tier, project, name, version, purpose],
  );
}
