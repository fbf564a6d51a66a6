import { ApiError, type Transaction } from "../kit/index.ts";
import { hashOf, randomToken } from "./token.ts";

/** What a link is for, and the minutes it is valid. */
export const linkLife = { welcome: 30, reset: 30, invitation: 7 * 24 * 60 } as const;
export type LinkPurpose = keyof typeof linkLife;

/** The page that takes each kind of link; the token stands in the fragment, which no browser sends and no log sees. */
const pages = { welcome: "welcome", reset: "reset", invitation: "join" } as const;

/** Anything that runs SQL: a service's transaction, or the installer's connection. */
type Runs = { query(text: string, values?: unknown[]): Promise<unknown> };

/**
 * Makes a link that works once. Former ones of the same purpose for the same person or invitation stop working.
 *
 * @returns its address
 */
export async function issueLink(
  tx: Runs,
  publicUrl: string,
  purpose: LinkPurpose,
  about: { person?: string; invitation?: string } = {},
): Promise<string> {
  const token = randomToken();
  const { person = null, invitation = null } = about;
  await tx.query(
    `delete from identity.one_time_link where purpose = $1 and used_at is null
     and person_id is not distinct from $2::uuid and invitation_id is not distinct from $3::uuid`,
    [purpose, person, invitation],
  );
  await tx.query(
    `insert into identity.one_time_link (purpose, hash, person_id, invitation_id, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(mins => $5))`,
    [purpose, hashOf(token), person, invitation, linkLife[purpose]],
  );
  return `${publicUrl.replace(/\/$/, "")}/${pages[purpose]}#${token}`;
}

/**
 * Uses a link up: of two that come at once, one gets it.
 *
 * @throws ApiError NOT_FOUND when it never existed, was used, or is too old: the answer is the same
 */
export async function takeLink(
  tx: Transaction,
  purpose: LinkPurpose,
  token: string,
): Promise<{ person: string | null; invitation: string | null }> {
  const { rows } = await tx.query<{ person: string | null; invitation: string | null }>(
    `update one_time_link set used_at = now() where hash = $1 and purpose = $2 and used_at is null and expires_at > now()
     returning person_id as person, invitation_id as invitation`,
    [hashOf(token), purpose],
  );
  if (!rows[0]) {
    throw new ApiError("NOT_FOUND", "This link does not work: it was used already, or it is too old.", {
      hint: "Ask for a new one. On the platform's own machine: ./devflow users",
      docs: "people-and-roles",
    });
  }
  return rows[0];
}
