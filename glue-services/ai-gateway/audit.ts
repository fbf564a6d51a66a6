import { type Identity, storableJson, type Transaction } from "../kit/index.ts";

/** What somebody changed. No secret is ever part of it. */
export interface AuditEntry {
  action: string;
  target?: string;
  details?: object;
}

/** Adds an entry in the transaction of what it is about. */
export async function record(
  tx: Transaction,
  { credential }: Pick<Identity, "credential">,
  { action, target, details = {} }: AuditEntry,
): Promise<void> {
  await tx.query("insert into audit (credential, action, target, details) values ($1, $2, $3, $4)", [
    credential,
    action,
    target,
    storableJson(details),
  ]);
}
