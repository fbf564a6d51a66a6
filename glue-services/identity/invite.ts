import type { Transaction } from "../kit/index.ts";
import { issueLink } from "./one-time-link.ts";

export interface InvitationRow {
  id: string;
  email: string;
  /** Separated by commas. */
  roles: string;
  expiresAt: Date;
}

export interface NewInvitation {
  organisation: string;
  /** In lower case. */
  email: string;
  roles: readonly string[];
  inviter: string;
}

/** Invites somebody in the caller's transaction; an invitation they had before stops working. */
export async function invite(
  tx: Transaction,
  publicUrl: string,
  { organisation, email, roles, inviter }: NewInvitation,
): Promise<{ row: InvitationRow; link: string }> {
  await tx.query(
    `update invitation set status = 'canceled' where "organizationId" = $1 and email = $2 and status = 'pending'`,
    [organisation, email],
  );
  const { rows } = await tx.query<InvitationRow>(
    `insert into invitation ("organizationId", email, role, status, "expiresAt", "inviterId")
     values ($1, $2, $3, 'pending', now() + interval '7 days', $4)
     returning id, email, role as roles, "expiresAt"`,
    [organisation, email, roles.join(","), inviter],
  );
  const [row] = rows as [InvitationRow];
  return { row, link: await issueLink(tx, publicUrl, "invitation", { invitation: row.id }) };
}
