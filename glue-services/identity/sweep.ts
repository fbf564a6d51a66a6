import { Type } from "typebox";
import { job } from "../kit/index.ts";

/** Deletes what has ended: attempts that no longer count, links, sessions, and half-finished sign-ons. */
export const sweep = job({
  name: "identity.sweep",
  payload: Type.Object({}),
  cron: "17 * * * *",
  async run(_payload, { database: { pool } }) {
    await pool.query("delete from failed_attempt where at < now() - interval '1 hour'");
    await pool.query("delete from known_place where at < now() - interval '90 days'");
    await pool.query("delete from one_time_link where expires_at < now() - interval '30 days'");
    await pool.query('delete from session where "expiresAt" < now()');
    await pool.query('delete from verification where "expiresAt" < now()');
    await pool.query('delete from "oauthAccessToken" where "expiresAt" < now()');
    await pool.query('delete from "oauthRefreshToken" where "expiresAt" < now()');
    // Programs that registered themselves and that nobody agreed to.
    await pool.query(
      `delete from "oauthClient" a where a."skipConsent" is not true and a."createdAt" < now() - interval '1 day'
       and not exists (select from "oauthConsent" c where c."clientId" = a."clientId")`,
    );
    await pool.query('delete from "oauthClientAssertion" where "expiresAt" < now()');
  },
});
