import { ApiError, type Transaction } from "../kit/index.ts";
import { hashOf, randomToken } from "./token.ts";

/** What a link is for, and the page that takes it; the token is in the fragment, which no browser sends and no log sees. */
const pages = { welcome: "welcome", reset: "reset", invitation: "join" } as const;
export type LinkPurpose = keyof typeof pages;
type LinkAbout = { person: string | null; invitation: string | null };

/**
 * Makes a link that works once, for 30 minutes, or for seven days as an invitation. Former ones of the same purpose for
 * the same person or invitation stop working.
 *
 * @returns its address
 */
export async function issueLink(
  tx: { query(text: string, values?: unknown[]): Promise<unknown> },
  publicUrl: string,
  purpose: LinkPurpose,
  about: { person?: string; invitation?: string } = {},
): Promise<string> {
  const token = randomToken();
  await tx.query("select identity.issue_link($1, $2, $3, $4)", [
    purpose,
    hashOf(token),
    about.person ?? null,
    about.invitation ?? null,
  ]);
  return `${publicUrl.replace(/\/$/, "")}/${pages[purpose]}#${token}`;
}

/**
 * What a link is for, without using it up.
 *
 * @throws ApiError NOT_FOUND when it never existed, was used, or is too old: the answer is the same
 */
export async function readLink(tx: Transaction, purpose: LinkPurpose, token: string): Promise<LinkAbout> {
  const { rows } = await tx.query<LinkAbout>(
    `select person_id as person, invitation_id as invitation from one_time_link
     where hash = $1 and purpose = $2 and used_at is null and expires_at > now()`,
    [hashOf(token), purpose],
  );
  return rows[0] ?? doesNotWork();
}

/**
 * Uses a link up: of two that come at once, one gets it.
 *
 * @throws ApiError NOT_FOUND when it never existed, was used, or is too old: the answer is the same
 */
export async function takeLink(tx: Transaction, purpose: LinkPurpose, token: string): Promise<LinkAbout> {
  const { rows } = await tx.query<LinkAbout>(
    `update one_time_link set used_at = now() where hash = $1 and purpose = $2 and used_at is null and expires_at > now()
     returning person_id as person, invitation_id as invitation`,
    [hashOf(token), purpose],
  );
  return rows[0] ?? doesNotWork();
}

function doesNotWork(): never {
  throw new ApiError("NOT_FOUND", "This link does not work: it was used already, or it is too old.", {
    hint: "If you have used it, sign in with your e-mail address. Else ask for a new one. On the platform's own machine: `./devflow users`",
    docs: "people-and-roles",
  });
}
