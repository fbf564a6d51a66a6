import { type Identity, storableJson, type Transaction } from "../kit/index.ts";

/** Adds an entry in the transaction of what it is about. No secret is ever part of it. */
export async function record(
  tx: Transaction,
  { credential }: Pick<Identity, "credential">,
  entry: { action: string; target?: string; details?: object },
): Promise<void> {
  const { action, target, details = {} } = entry;
  const text = "insert into audit (credential, action, target, details) values ($1, $2, $3, $4)";
  await tx.query(text, [credential, action, target, storableJson(details)]);
}
