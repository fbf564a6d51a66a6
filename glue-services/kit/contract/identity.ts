import { type Static, Type } from "typebox";
import type { Identity } from "../authentication.ts";

/** An Identity, as it goes over the wire between hosts of the stack. */
export const GivenIdentity = Type.Object({
  /** Null for a machine. */
  person: Type.Union([Type.String(), Type.Null()]),
  maker: Type.Optional(Type.String()),
  organisation: Type.String(),
  roles: Type.Array(Type.String()),
  scopes: Type.Array(Type.String()),
  via: Type.Enum(["session", "key", "token"]),
  credential: Type.String(),
  client: Type.Optional(Type.String()),
});
export type GivenIdentity = Static<typeof GivenIdentity>;

export function giveIdentity(identity: Identity): GivenIdentity {
  const { person, roles, scopes, organisation, via, credential, maker, client } = identity;
  return {
    ...{ person: person ?? null, organisation, via, credential, roles: [...roles], scopes: [...scopes] },
    ...(maker !== undefined && { maker }),
    ...(client !== undefined && { client }),
  };
}

export function takeIdentity({ person, ...rest }: GivenIdentity): Identity {
  return { ...rest, person: person ?? undefined };
}
