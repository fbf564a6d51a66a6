import type { FastifyRequest } from "fastify";
import { ApiError, emit, type Transaction } from "../kit/index.ts";
import { lacking } from "./permissions.ts";

/** Topic of the event that is emitted whenever what a person may do became more, less or nothing. Key: the person. */
export const accessChanged = "identity.access.changed";

/**
 * Tells that a person's access changed, and whether this change left them none: they may have some again by the time it is
 * heard, but what they had before is over.
 */
export async function tellAccessChanged(tx: Transaction, person: string): Promise<void> {
  const { rowCount } = await tx.query(hasAccess, [person]);
  await emit(tx, { topic: accessChanged, key: person, payload: { person, ended: rowCount === 0 } });
}

/** A row for a person who may do anything anywhere. */
export const hasAccess = `select from "user" u where u.id = $1 and not u.disabled
  and exists (select from member m where m."userId" = u.id)`;

/**
 * Whoever hands on a role or scope must hold all of it, and only an owner makes or changes owners.
 *
 * @throws ApiError FORBIDDEN
 */
export function demandHeld(
  request: FastifyRequest,
  permissions: readonly string[],
  roles: readonly string[] = [],
): void {
  const { identity } = request;
  const missing = lacking(identity.scopes, permissions);
  if (missing.length > 0) throw new ApiError("FORBIDDEN", `This hands on what you do not hold: ${missing.join(", ")}.`);
  if (roles.includes("owner") && !identity.roles.includes("owner")) {
    throw new ApiError("FORBIDDEN", "Only an owner decides about owners.");
  }
}

/**
 * What the roles of an organisation allow together.
 *
 * @param held roles that somebody has already: one of these that is gone allows nothing, and keeps nobody from being
 *   changed or removed
 * @throws ApiError INVALID when one of the others does not exist
 */
export async function permissionsOf(
  tx: Transaction,
  roles: readonly string[],
  held: readonly string[] = [],
): Promise<string[]> {
  const { rows } = await tx.query<{ name: string; permissions: string[] }>(
    "select name, permissions from role where name = any ($1)",
    [[...roles, ...held]],
  );
  const unknown = roles.filter((role) => !rows.some(({ name }) => name === role));
  if (unknown.length > 0) throw new ApiError("INVALID", `There is no role ${unknown.join(", ")}.`);
  return [...new Set(rows.flatMap(({ permissions }) => permissions))];
}

/** Locks an organisation's members, so that two requests cannot each remove the other last owner. */
export async function lockMembers(tx: Transaction, organisation: string): Promise<void> {
  await tx.query("select from organization where id = $1 for update", [organisation]);
}

/** @throws ApiError CONFLICT when nobody who can sign in would be owner without this person */
export async function demandAnotherOwner(tx: Transaction, organisation: string, person: string): Promise<void> {
  const { rows } = await tx.query(
    `select from member m join "user" u on u.id = m."userId" and not u.disabled
     where m."organizationId" = $1 and m."userId" <> $2 and 'owner' = any (string_to_array(m.role, ',')) limit 1`,
    [organisation, person],
  );
  if (rows.length === 0)
    throw new ApiError("CONFLICT", "An organisation keeps at least one owner; make another one first.");
}

/**
 * Locks the organisations that a person owns, all of them, since whoever is disabled is so everywhere.
 *
 * @throws ApiError CONFLICT when one of them would be left without an owner who can sign in
 */
export async function demandOtherOwners(tx: Transaction, person: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `select o.id from organization o join member m on m."organizationId" = o.id
     where m."userId" = $1 and 'owner' = any (string_to_array(m.role, ',')) order by o.id for update of o`,
    [person],
  );
  for (const { id } of rows) await demandAnotherOwner(tx, id, person);
}

/** Ends all that a person is signed in with: sessions, and what other programs hold of them. */
export async function endSessions(tx: Transaction, person: string): Promise<void> {
  await tx.query('delete from "oauthAccessToken" where "userId" = $1', [person]);
  await tx.query('delete from "oauthRefreshToken" where "userId" = $1', [person]);
  await tx.query('delete from session where "userId" = $1', [person]);
}
