import { audit, type Identity, type Transaction } from "../kit/index.ts";

/** What somebody changed. No secret is ever part of it. */
export interface AuditEntry {
  action: string;
  /** Id or name of what it happened to. */
  target?: string;
  /** Its name, where `target` is an id. */
  name?: string;
  details?: object;
}

/** Adds an entry in the transaction of what it is about. */
export async function record(
  tx: Transaction,
  { credential }: Pick<Identity, "credential">,
  entry: AuditEntry,
): Promise<void> {
  await audit(tx, { ...entry, credential });
}
