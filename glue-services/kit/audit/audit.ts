import { storableJson } from "../database/storable.ts";
import type { Transaction } from "../database/transaction.ts";
import { currentOrigin, type Origin } from "./current.ts";

/** Something that changed access, cost or secrets, or an access that must be known. It never holds a secret. */
export interface AuditEntry {
  /** What happened, as `thing.happened`. @example "provider.set" */
  action: string;
  /** `access` changes nothing: a secret was read, a guardrail found something. @default "change" */
  kind?: "change" | "access";
  /** Id or name of what it happened to. */
  target?: string | undefined;
  /** Its name, where `target` is an id of the service's own. */
  name?: string | undefined;
  /** `page` in it is the path of the dashboard's page that shows it. */
  details?: object | undefined;
  /** The session, key or service by which it was done. @default the request's */
  credential?: string | undefined;
  /** Only the identity service may write for another than that in force. @default the transaction's tenant */
  organisation?: string | undefined;
  /** As `organisation`. */
  person?: string | undefined;
}

/**
 * Adds an entry to the audit log of the whole platform, in the transaction of what it is about: neither is there without
 * the other. Who did it, and from where, are those of the request that is being answered.
 */
export async function audit(tx: Transaction, entry: AuditEntry, origin = currentOrigin()): Promise<void> {
  await tx.query({
    name: "devflow.audit",
    text: "select devflow.write_audit($1::jsonb)",
    values: [storableJson(row(entry, origin))],
  });
  const organisation = entry.organisation ?? tx.tenant?.organisation;
  if (organisation && origin && entry.kind !== "access") {
    tx.commit.after(() => origin.server.live.publish(feedTopic, {}, { organisation }));
  }
}

/** Hears, without its content, that what changed or waits is to be read anew. */
export const feedTopic = "platform.feed";

function row(entry: AuditEntry, origin: Origin | undefined): object {
  const who = origin?.knownIdentity;
  return {
    ...entry,
    credential: entry.credential ?? who?.credential,
    ...(entry.credential === undefined && who?.client !== undefined && { client: who.client }),
    ip: origin?.ip,
    request: origin?.id,
  };
}
