import type { FastifyRequest } from "fastify";
import { audit, type Transaction } from "../kit/index.ts";

/** One entry of the audit log. It never holds a secret: `details` are names, roles and the like. */
export interface Entry {
  /** `what.happened`, e.g. `person.removed`. */
  action: string;
  /** Id or name of what it happened to. */
  target?: string;
  /** Its name, where it has one that the log does not find by its id, or will not: it is gone then. */
  name?: string;
  /** @default the organisation of the request's identity */
  organisation?: string | undefined;
  /** @default the person of the request's identity */
  actor?: string | undefined;
  details?: Record<string, unknown>;
}

/** Adds an entry in the transaction of what it is about: neither is there without the other. */
export async function record(tx: Transaction, request: FastifyRequest, { actor, ...entry }: Entry): Promise<void> {
  const who = request.knownIdentity;
  const { organisation = who?.organisation } = entry;
  await audit(tx, { ...entry, organisation, person: actor ?? who?.person }, request);
}
