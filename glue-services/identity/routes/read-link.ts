import { Type } from "typebox";
import { ApiError, type App, type Transaction } from "../../kit/index.ts";
import { readLink } from "../one-time-link.ts";

/** What the answers file says of the first person, so that the welcome form does not ask it again. */
export interface First {
  organisation?: string | undefined;
  email?: string | undefined;
}

const Maybe = Type.Union([Type.String(), Type.Null()]);
const About = Type.Object({
  organisation: Maybe,
  email: Maybe,
  lead: Type.Union([Type.String({ description: "What the page says above the form." }), Type.Null()]),
});
const purposes = { welcome: "welcome", reset: "reset", join: "invitation" } as const;

/**
 * What a one-time link is good for, before anything is typed. The token comes in the body: an address would stand in
 * logs. A token is 256 bits, so that trying some finds none; what it tells is known to whoever got the link.
 */
export function readLinkRoute(app: App, first: First): void {
  app.post(
    "/api/identity/link",
    {
      auth: "public",
      config: { rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        tags: ["links"],
        summary: "What a one-time link is for, without using it up",
        // Any text: a link that was cut in a mail is a link that does not work, not a malformed request.
        body: Type.Object({
          token: Type.String({ maxLength: 200 }),
          purpose: Type.Enum(Object.keys(purposes) as (keyof typeof purposes)[]),
        }),
        response: { 200: About },
      },
    },
    async ({ body: { token, purpose } }, reply) => {
      const about = await app.database.withoutTenant(async (tx) => {
        const link = await readLink(tx, purposes[purpose], token);
        if (link.invitation) return invitationOf(tx, link.invitation);
        if (link.person) return personOf(tx, link.person);
        const { organisation = null, email = null } = first;
        return { organisation, email, lead: null };
      });
      return reply.header("cache-control", "no-store").send(about);
    },
  );
}

async function invitationOf(tx: Transaction, id: string) {
  const { rows } = await tx.query<{ organisation: string; email: string }>(
    `select o.name as organisation, i.email from invitation i join organization o on o.id = i."organizationId"
     where i.id = $1 and i.status = 'pending'`,
    [id],
  );
  const [found] = rows;
  if (!found) throw new ApiError("NOT_FOUND", "This invitation was withdrawn.", { hint: "Ask for a new one." });
  const lead = `${found.organisation} invites ${found.email}. If you have an account here already, give its password.`;
  return { ...found, lead };
}

async function personOf(tx: Transaction, id: string) {
  const { rows } = await tx.query<{ email: string }>('select email from "user" where id = $1 and not disabled', [id]);
  const [found] = rows;
  if (!found) throw new ApiError("NOT_FOUND", "This link does not work.", { hint: "Ask for a new one." });
  const lead = `For ${found.email}. Everything that is signed in with the old one is signed out.`;
  return { organisation: null, email: found.email, lead };
}
