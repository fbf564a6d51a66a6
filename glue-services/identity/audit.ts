import type { FastifyRequest } from "fastify";
import { storableJson, type Transaction } from "../kit/index.ts";

/** One entry of the audit log. It never holds a secret: `details` are names, roles and the like. */
export interface Entry {
  /** `what.happened`, e.g. `person.removed`. */
  action: string;
  /** Id or name of what it happened to. */
  target?: string;
  /** @default the organisation of the request's identity */
  organisation?: string | undefined;
  /** @default the person of the request's identity */
  actor?: string | undefined;
  details?: Record<string, unknown>;
}

/** Adds an entry in the transaction of what it is about: neither is there without the other. */
export async function record(tx: Transaction, request: FastifyRequest, entry: Entry): Promise<void> {
  const who = request.knownIdentity;
  await tx.query(
    `insert into audit (organisation_id, actor, credential, action, target, ip, request, details)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      entry.organisation ?? who?.organisation,
      entry.actor ?? who?.person,
      who?.credential,
      entry.action,
      entry.target,
      request.ip,
      request.id,
      storableJson(entry.details ?? {}),
    ],
  );
}
