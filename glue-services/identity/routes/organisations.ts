import { type Static, Type } from "typebox";
import { ApiError, type App, type Transaction } from "../../kit/index.ts";
import { tellAccessChanged } from "../access.ts";
import { record } from "../audit.ts";
import { invite } from "../invite.ts";
import type { Mailer } from "../mail.ts";
import { addMember } from "../people.ts";
import { platformAdministrator } from "../permissions.ts";
import { NewOrganisation, Organisation, PersonName } from "../schemas.ts";
import { freeSlug } from "../slug.ts";

const tags = ["organisations"];
const auth = { role: platformAdministrator } as const;
const Made = Type.Object({
  ...Organisation.properties,
  link: Type.Union([Type.String(), Type.Null()], {
    description: "For its first owner, shown this once and working once; null when that is whoever made it.",
  }),
  mailed: Type.Boolean({ description: "Whether the link was sent by mail as well." }),
});

/** The organisations of this platform, for its administrators; and the name of one's own. */
export function organisationRoutes(app: App, { publicUrl, mailer }: { publicUrl: string; mailer: Mailer }): void {
  app.get(
    "/api/identity/organisations",
    {
      auth,
      schema: { tags, summary: "Every organisation of this platform", response: { 200: Type.Array(Organisation) } },
    },
    async () => {
      const { rows } = await app.database.pool.query<Row>(
        `select o.id, o.name, o.slug, o."createdAt" as "createdAt",
           (select count(*)::int from member m where m."organizationId" = o.id) as members
         from organization o order by o."createdAt", o.id`,
      );
      return rows.map(told);
    },
  );

  app.post(
    "/api/identity/organisations",
    {
      auth,
      schema: {
        tags,
        summary: "Make an organisation and its first owner",
        body: NewOrganisation,
        response: { 201: Made },
      },
    },
    async (request, reply) => {
      const { person } = request.identity;
      if (!person) throw new ApiError("FORBIDDEN", "Only a person can make an organisation.");
      const name = request.body.name.trim();
      const owner = request.body.owner.toLowerCase();
      const made = await app.database.withTenant(request.identity, async (tx) => {
        const organisation = await insert(tx, name);
        const own = (await emailOf(tx, person)) === owner;
        const link = own ? null : (await inviteOwner(tx, organisation.id)).link;
        if (own) {
          await addMember(tx, organisation.id, person, ["owner"]);
          await tellAccessChanged(tx, person);
        }
        const details = { name, owner };
        await record(tx, request, { action: "organisation.made", target: organisation.id, details });
        return { ...told({ ...organisation, members: own ? 1 : 0 }), link };

        function inviteOwner(tx: Transaction, organisation: string) {
          return invite(tx, publicUrl, { organisation, email: owner, roles: ["owner"], inviter: person as string });
        }
      });
      const mailed = made.link !== null && (await mailer(request, { to: owner, link: made.link }));
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...made, mailed });
    },
  );

  app.patch(
    "/api/identity/organisation",
    {
      auth: { scope: "organisation:manage" },
      schema: {
        tags,
        summary: "Rename the organisation in force",
        body: Type.Object({ name: PersonName }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const name = request.body.name.trim();
      await app.database.withTenant(request.identity, async (tx) => {
        // The slug stays: groups of other programs are known by it.
        await tx.query("update organization set name = $2 where id = $1", [request.identity.organisation, name]);
        await record(tx, request, { action: "organisation.renamed", details: { name } });
      });
      return reply.code(204).send(null);
    },
  );
}

type Row = Omit<Static<typeof Organisation>, "createdAt"> & { createdAt: Date };

async function insert(tx: Transaction, name: string): Promise<Omit<Row, "members">> {
  const { rows } = await tx.query<Omit<Row, "members">>(
    `insert into organization (name, slug, "createdAt") values ($1, $2, now()) returning id, name, slug, "createdAt"`,
    [name, await freeSlug(tx, name)],
  );
  return rows[0] as Omit<Row, "members">;
}

async function emailOf(tx: Transaction, person: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ email: string }>('select email from "user" where id = $1', [person]);
  return rows[0]?.email;
}

function told({ createdAt, ...organisation }: Row): Static<typeof Organisation> {
  return { ...organisation, createdAt: createdAt.toISOString() };
}
