import { type Static, Type } from "typebox";
import { call, contract, GivenIdentity } from "../kit/index.ts";

// What other services may use of this one: import this file and nothing else of it.

export { issuerOf, offered, resourceAt, useScope } from "./oauth/agents.ts";
export { allows } from "./permissions.ts";

/** Channel of the database on which hosts hear that somebody's standing may have changed. */
export const identityChannel = "devflow_identity";

const Optional = Type.Optional(Type.Unsafe<string | undefined>(Type.String({ maxLength: 65_536 })));

/** What a request brings by which it can be known whom it comes from. */
export const Presented = Type.Object({
  authorization: Optional,
  cookie: Optional,
  /** Slug of the organisation that it is to act for. */
  organisation: Optional,
  /** The resource that its route takes access tokens for. */
  audience: Optional,
  /** Scopes that mean something at the host it came to; patterns are spelled out for these. */
  declared: Type.Unsafe<readonly string[]>(Type.Array(Type.String())),
});
export type Presented = Static<typeof Presented>;

export const identityContract = contract("identity", {
  /**
   * Who sent a request; null when what it presents is absent, malformed, expired, revoked or for elsewhere.
   *
   * @throws ApiError NOT_A_MEMBER
   */
  verify: call({
    input: Presented,
    output: Type.Union([GivenIdentity, Type.Null()]),
    idempotent: true,
    deadline: 5000,
  }),
  /**
   * What a person may do now in an organisation by something they made at `made`: permissions, or null when they are
   * disabled, do not belong to it, or left since and came back. Ask again when `identityChannel` tells of a change.
   */
  standing: call({
    input: Type.Object({ organisation: Type.String(), person: Type.String(), made: Type.String() }),
    output: Type.Union([Type.Array(Type.String()), Type.Null()]),
    idempotent: true,
    deadline: 5000,
  }),
  /**
   * Whether a person belongs to an organisation since `made`: `disabled` when they do, but can do nothing now; `none` also
   * when they left since and came back.
   */
  membership: call({
    input: Type.Object({ organisation: Type.String(), person: Type.String(), made: Type.String() }),
    output: Type.Enum(["member", "disabled", "none"]),
    idempotent: true,
    deadline: 5000,
  }),
});
