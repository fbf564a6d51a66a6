import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import {
  askDevice,
  decideDevice,
  deviceLogin,
  type Granted,
  pollDevice,
  readUserCode,
  shownUserCode,
  takeGrant,
} from "../devices/device.ts";
import { Id } from "../schemas.ts";
import { signedIn } from "../signed-in.ts";
import { hashOf, randomToken } from "../token.ts";
import { keyPrefix } from "../verifier.ts";

const tags = ["me"];
/** Days after which a machine asks its person again. */
const days = 90;

const MachineName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: "^[^\\p{C}\\p{Zl}\\p{Zp}]*[^\\p{C}\\p{Z}][^\\p{C}\\p{Zl}\\p{Zp}]*$",
  description: "What the person reads: who and where. @example ada@laptop",
});
const Ask = Type.Object({ name: MachineName });
const Told = Type.Object({
  deviceCode: Type.String({ description: "The machine's own; whoever has it gets the key." }),
  userCode: Type.String({ description: "What the person compares." }),
  verificationUri: Type.String(),
  verificationUriComplete: Type.String({ description: "The same, with the code in it." }),
  expiresIn: Type.Integer({ description: "Seconds." }),
  interval: Type.Integer({ description: "Seconds between two questions at least." }),
});
const Poll = Type.Object({ deviceCode: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }) });
const Named = Type.Object({ id: Id, name: Type.String() });
const Login = Type.Object({
  state: Type.Literal("granted"),
  key: Type.String({ description: "A personal key; shown this once." }),
  id: Id,
  expiresAt: Type.String({ description: "ISO 8601." }),
  scopes: Type.Array(Type.String()),
  person: Type.Object({ ...Named.properties, email: Type.String() }),
  organisation: Type.Object({ ...Named.properties, slug: Type.String() }),
});
const Standing = Type.Union([
  Type.Object({
    state: Type.Union([Type.Literal("pending"), Type.Literal("slow_down")]),
    interval: Type.Integer({ description: "Seconds until the next question." }),
  }),
  Type.Object({ state: Type.Union([Type.Literal("denied"), Type.Literal("expired")]) }),
  Login,
]);
const Decision = Type.Object({
  userCode: Type.String({ maxLength: 20 }),
  accept: Type.Boolean(),
  organisation: Type.Optional(Id),
  readOnly: Type.Optional(Type.Boolean({ description: "It may read and change nothing. @default false" })),
});

/** Signs in a machine without a browser: it shows a code, and its person agrees at any browser they are signed in with. */
export function deviceRoutes(app: App, { publicUrl }: { publicUrl: string }): void {
  const { pool } = app.database;
  const page = `${new URL(publicUrl).origin}/device`;

  app.post(
    "/api/identity/devices",
    {
      auth: "public",
      schema: { tags, summary: "Ask to be signed in, from a machine", body: Ask, response: { 201: Told } },
    },
    async ({ body, ip }, reply) => {
      const { device, code } = await askDevice(pool, { name: body.name.trim(), address: ip });
      const userCode = shownUserCode(code);
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({
          deviceCode: device,
          userCode,
          verificationUri: page,
          verificationUriComplete: `${page}?code=${userCode}`,
          expiresIn: deviceLogin.lifetime,
          interval: deviceLogin.pause,
        });
    },
  );

  app.post(
    "/api/identity/devices/token",
    {
      auth: "public",
      config: { quiet: true },
      schema: { tags, summary: "Ask whether the person agreed", body: Poll, response: { 200: Standing } },
    },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const standing = await pollDevice(app.database, request.body.deviceCode);
      if (standing.state === "granted") return (await redeem(request, standing)) ?? { state: "expired" as const };
      return "pause" in standing ? { state: standing.state, interval: standing.pause } : { state: standing.state };
    },
  );

  app.post(
    "/api/identity/devices/decision",
    {
      auth: {},
      schema: {
        tags,
        summary: "Agree that a machine acts for you, or refuse",
        body: Decision,
        response: { 200: Type.Object({ name: Type.String() }) },
      },
    },
    async (request) => {
      const { identity, body } = request;
      const { organisation } = identity;
      const { person } = signedIn(identity);
      if (body.organisation !== undefined && body.organisation !== organisation) {
        throw new ApiError("CONFLICT", "You act for another organisation by now.", { hint: "Load this page again." });
      }
      const code = readUserCode(body.userCode);
      const scopes = body.readOnly ? ["*:read"] : ["*"];
      const name = await app.database.withTenant(identity, async (tx) => {
        if (code === undefined) return undefined;
        const found = await decideDevice(tx, code, { accept: body.accept, person, organisation, scopes });
        if (found === undefined) return undefined;
        const action = body.accept ? "device.agreed" : "device.refused";
        await record(tx, request, { action, name: found, details: body.accept ? { scopes } : {} });
        return found;
      });
      if (name === undefined) throw unknownCode();
      return { name };
    },
  );

  /** The key that was agreed to; undefined where another question fetched it, or its person may do nothing here any more. */
  async function redeem(request: FastifyRequest, granted: Granted): Promise<Static<typeof Login> | undefined> {
    const { person, organisation, name, scopes } = granted;
    const key = `${keyPrefix}${randomToken()}`;
    return app.database.withTenant({ person, organisation }, async (tx) => {
      if (!(await takeGrant(tx, granted))) return undefined;
      const { rows } = await tx.query<Made>(
        `insert into api_key (name, start, hash, scopes, expires_at, created_by, personal)
         select $1, $2, $3, $4, now() + make_interval(days => $5), u.id, true
         from "user" u join member m on m."userId" = u.id join organization o on o.id = m."organizationId"
         where u.id = $6 and o.id = $7 and not u.disabled
         returning id, expires_at as "expiresAt",
           (select jsonb_build_object('id', id, 'name', name, 'email', email) from "user" where id = $6) as person,
           (select jsonb_build_object('id', id, 'name', name, 'slug', slug) from organization where id = $7) as organisation`,
        [name, key.slice(0, 10), hashOf(key), scopes, days, person, organisation],
      );
      const [made] = rows;
      if (!made) return undefined;
      const entry = { action: "key.made", target: made.id, details: { name, scopes, days, personal: true } };
      await record(tx, request, { ...entry, organisation, actor: person });
      return { ...made, state: "granted" as const, key, scopes, expiresAt: made.expiresAt.toISOString() };
    });
  }
}

/** What a code is answered with under which nothing waits. */
function unknownCode(): ApiError {
  return new ApiError("NOT_FOUND", "No machine waits under this code.", {
    hint: "Compare it with what the machine shows; after ten minutes it shows a new one when it asks again.",
  });
}

interface Made {
  id: string;
  expiresAt: Date;
  person: { id: string; name: string; email: string };
  organisation: { id: string; name: string; slug: string };
}
