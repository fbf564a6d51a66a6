import type { FastifyReply, FastifyRequest } from "fastify";
import type { Pool } from "pg";
import { Type } from "typebox";
import { ApiError, type App, type Transaction } from "../../kit/index.ts";
import { endSessions, tellAccessChanged } from "../access.ts";
import { beginAttempt, forgetFailures } from "../attempts.ts";
import { record } from "../audit.ts";
import type { Auth } from "../auth.ts";
import { takeLink } from "../one-time-link.ts";
import { demandStrength } from "../password.ts";
import { addMember, addPerson } from "../people.ts";
import { Email, LinkToken, Password, PersonName } from "../schemas.ts";
import { signIn } from "../sign-in.ts";
import { freeSlug } from "../slug.ts";
import { hashOf } from "../token.ts";

const settings = {
  auth: "public",
  config: { rateLimit: { max: 20, timeWindow: 60_000 } },
} as const;
const response = { 204: Type.Null() };
const tags = ["links"];

const Welcome = Type.Object({
  token: LinkToken,
  name: PersonName,
  email: Email,
  password: Password,
  organisation: PersonName,
});

/** What one-time links do: make the first administrator, set a password, join an organisation. Each ends signed in. */
export function linkRoutes(app: App, { auth, secret }: { auth: Auth; secret: string }): void {
  app.post(
    "/api/identity/welcome",
    { ...settings, schema: { tags, body: Welcome, response } },
    async (request, reply) => {
      const { token, name, email, password, organisation } = request.body;
      await demandStrength(password, [name, email, organisation]);
      const person = await app.database.withoutTenant(async (tx) => {
        await takeLink(tx, "welcome", token);
        await tx.query("select pg_advisory_xact_lock(hashtextextended('devflow first administrator', 0))");
        const { rowCount } = await tx.query("select from organization limit 1");
        if (rowCount) throw new ApiError("CONFLICT", "This platform has its first administrator already.");
        const { rows } = await tx.query<{ id: string }>(
          'insert into organization (name, slug, "createdAt") values ($1, $2, now()) returning id',
          [organisation.trim(), await freeSlug(tx, organisation)],
        );
        const id = await addPerson(tx, auth, { name, email, password });
        await addMember(tx, String(rows[0]?.id), id, ["owner"]);
        await record(tx, request, { action: "platform.claimed", organisation: String(rows[0]?.id), actor: id });
        await tellAccessChanged(tx, id);
        return id;
      });
      return enter(request, reply, person);
    },
  );

  app.post(
    "/api/identity/reset",
    { ...settings, schema: { tags, body: Type.Object({ token: LinkToken, password: Password }), response } },
    async (request, reply) => {
      const { token, password } = request.body;
      const person = await app.database.withoutTenant(async (tx) => {
        const link = await takeLink(tx, "reset", token);
        const known = await nameOf(tx, String(link.person));
        // Judged inside, so that a password that is refused does not use the link up.
        await demandStrength(password, [known.name, known.email]);
        const hash = await (await auth.$context).password.hash(password);
        const { rowCount } = await tx.query(
          `update account set password = $2, "updatedAt" = now() where "userId" = $1 and "providerId" = 'credential'`,
          [link.person, hash],
        );
        if (!rowCount) {
          await tx.query(
            `insert into account ("accountId", "providerId", "userId", password, "updatedAt")
             values ($1::uuid::text, 'credential', $1::uuid, $2, now())`,
            [link.person, hash],
          );
        }
        await endSessions(tx, String(link.person));
        // Whoever else could sign in to the account cannot any more, by no way that they added to it.
        const passkeys = await tx.query('delete from passkey where "userId" = $1', [link.person]);
        const details = { passkeysRemoved: passkeys.rowCount ?? 0 };
        await record(tx, request, { action: "password.reset", target: String(link.person), details, ...known.home });
        return { id: String(link.person), email: known.email };
      });
      await forgetFailures(app.database.pool, { account: person.email, address: request.ip });
      return enter(request, reply, person.id);
    },
  );

  app.post(
    "/api/identity/join",
    {
      ...settings,
      schema: { tags, body: Type.Object({ token: LinkToken, name: PersonName, password: Password }), response },
    },
    async (request, reply) => {
      const { token, name, password } = request.body;
      // Counted with the account's other failures: an owner could guess at somebody's password by inviting them again
      // and again.
      const account = (await invitedAddress(app.database.pool, token)) ?? `invitation ${token}`;
      const attempt = await beginAttempt(app.database.pool, { account, address: request.ip });
      const joined = app.database.withoutTenant(async (tx) => {
        const link = await takeLink(tx, "invitation", token);
        const { rows } = await tx.query<{ organisation: string; email: string; roles: string }>(
          `update invitation set status = 'accepted' where id = $1 and status = 'pending'
           returning "organizationId" as organisation, email, role as roles`,
          [link.invitation],
        );
        const [invited] = rows;
        if (!invited) throw new ApiError("NOT_FOUND", "This invitation was withdrawn.");
        const before = await known(tx, auth, invited.email, password);
        const id = before ?? (await add(tx, invited.email));
        await addMember(tx, invited.organisation, id, invited.roles.split(","));
        await record(tx, request, {
          action: "person.joined",
          target: id,
          actor: id,
          organisation: invited.organisation,
        });
        await tellAccessChanged(tx, id);
        return { id, isNew: !before };

        async function add(within: Transaction, email: string) {
          await demandStrength(password, [name, email]);
          return addPerson(within, auth, { name, email, password });
        }
      });
      const { id, isNew } = await joined.catch(async (error: unknown) => {
        if (!(error instanceof ApiError && error.code === "UNAUTHENTICATED")) await attempt.takeBack();
        throw error;
      });
      await attempt.succeeded();
      // An account that was there may have a second factor, so its owner signs in as always.
      return isNew ? enter(request, reply, id) : reply.code(204).send(null);
    },
  );

  async function enter(request: FastifyRequest, reply: FastifyReply, person: string) {
    await signIn(auth, secret, request, reply, person);
    return reply.code(204).send(null);
  }
}

/** Whom a link invites; undefined when there is no such link. */
async function invitedAddress(pool: Pool, token: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ email: string }>(
    `select i.email from one_time_link l join invitation i on i.id = l.invitation_id
     where l.hash = $1 and l.purpose = 'invitation'`,
    [hashOf(token)],
  );
  return rows[0]?.email;
}

/** Somebody who has an account proves it by its password. @throws ApiError UNAUTHENTICATED */
async function known(tx: Transaction, auth: Auth, email: string, password: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string; hash: string | null }>(
    `select u.id, a.password as hash from "user" u
     left join account a on a."userId" = u.id and a."providerId" = 'credential' where u.email = $1`,
    [email],
  );
  const [found] = rows;
  if (!found) return undefined;
  const { password: passwords } = await auth.$context;
  if (found.hash && (await passwords.verify({ hash: found.hash, password }))) return found.id;
  throw new ApiError("UNAUTHENTICATED", "You have an account here already: give its password.");
}

async function nameOf(tx: Transaction, person: string) {
  const { rows } = await tx.query<{ name: string; email: string; organisation: string | null }>(
    `select u.name, u.email, (select m."organizationId" from member m where m."userId" = u.id order by m."createdAt" limit 1)
       as organisation from "user" u where u.id = $1 and not u.disabled`,
    [person],
  );
  if (!rows[0]) throw new ApiError("NOT_FOUND", "This link does not work.");
  const { name, email, organisation } = rows[0];
  return { name, email, home: { actor: person, ...(organisation && { organisation }) } };
}
