import { type Feed, holds, type Need } from "../kit/index.ts";

/** Invitations that nobody took up, and owners without a second factor. */
export const feed: Feed = {
  async needs(app, identity) {
    const { organisation, person } = identity;
    const needs: Need[] = [];
    if (holds(identity, "people:manage")) {
      const { rows } = await app.database.query<{ id: string; email: string; expires: Date }>(identity, {
        text: `select id, email, "expiresAt" as expires from invitation where "organizationId" = $1 and status = 'pending'
          and "expiresAt" < now() + interval '5 days' order by "expiresAt" limit 20`,
        values: [organisation],
      });
      for (const { id, email, expires } of rows) {
        const over = expires.getTime() < Date.now();
        needs.push({
          ...{
            id: `invitation ${id}`,
            state: "waiting",
            path: "/people?tab=invitations",
            action: "Invite again or withdraw",
          },
          what: `${email} has not answered the invitation${over ? ", which has expired" : ""}`,
        });
      }
    }
    const { rows } = await app.database.query<{ owner: boolean; factor: boolean }>(identity, {
      text: `select string_to_array(m.role, ',') && array['owner'] as owner,
          coalesce(u."twoFactorEnabled", false) or exists (select from passkey k where k."userId" = u.id) as factor
        from member m join "user" u on u.id = m."userId" where m."organizationId" = $1 and m."userId" = $2`,
      values: [organisation, person],
    });
    if (rows[0]?.owner && !rows[0].factor) {
      needs.push({
        ...{ id: "second factor", state: "waiting", path: "/account", action: "Set up a second factor or passkey" },
        what: "You own this organisation and sign in with a password alone",
      });
    }
    return needs;
  },
  async steps(app, identity) {
    const { organisation, person } = identity;
    const { rows } = await app.database.query<{ others: boolean; factor: boolean }>(identity, {
      text: `select (select count(*) from member where "organizationId" = $1) > 1
            or exists (select from invitation where "organizationId" = $1) as others,
          coalesce((select u."twoFactorEnabled" from "user" u where u.id = $2), false)
            or exists (select from passkey k where k."userId" = $2) as factor`,
      values: [organisation, person],
    });
    return {
      ...(holds(identity, "people:manage") && { invite: rows[0]?.others ?? false }),
      ...(person && { "second-factor": rows[0]?.factor ?? false }),
    };
  },
};
