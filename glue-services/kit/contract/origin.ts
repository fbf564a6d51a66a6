import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { Origin } from "../audit/current.ts";
import { payloadCheck } from "../compilers.ts";

/** The client's request that a call is made for, as another host's audit log has it. */
const GivenOrigin = Type.Object({
  ip: Type.String({ maxLength: 64 }),
  id: Type.String({ maxLength: 64 }),
  credential: Type.Optional(Type.String({ maxLength: 200 })),
  client: Type.Optional(Type.String({ maxLength: 2048 })),
});
type GivenOrigin = Static<typeof GivenOrigin>;
const isGiven = payloadCheck(GivenOrigin);

/** What goes along with a call to another host. */
export function originOf(origin: Origin | undefined): GivenOrigin | undefined {
  if (!origin) return undefined;
  const { ip, id, knownIdentity: { credential, client } = {} } = origin;
  return { ip, id, ...(credential !== undefined && { credential }), ...(client !== undefined && { client }) };
}

/** What came along; undefined where the caller did it by itself. */
export function readOrigin(given: unknown, server: FastifyInstance): Origin | undefined {
  if (!isGiven(given)) return undefined;
  const { ip, id, credential, client } = given as GivenOrigin;
  const knownIdentity = credential === undefined ? undefined : { credential, ...(client !== undefined && { client }) };
  return { ip, id, knownIdentity, server };
}
