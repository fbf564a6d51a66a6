import type { Pool } from "pg";

interface Issued {
  client: { clientId: string };
  user?: { id: string } | null | undefined;
  referenceId?: string | undefined;
}

/** What an access token says beyond the standard: by which consent it was made, and when to the microsecond. */
export async function accessClaims(
  pool: Pool,
  { client, user, referenceId }: Issued,
): Promise<Record<string, unknown>> {
  const { rows } = await pool.query<{ consent: string; issued: string }>(
    `select id as consent, to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as issued
     from "oauthConsent" where "clientId" = $1 and "userId" = $2 and "referenceId" = $3`,
    [client.clientId, user?.id, referenceId],
  );
  return rows[0] ? { ...rows[0] } : {};
}
