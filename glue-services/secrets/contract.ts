import { Type } from "typebox";
import { call, contract, GivenTenant } from "../kit/index.ts";
import { OwnName, Resolved, Tier, Wanted } from "./schemas.ts";

// What other services may use of this one: import this file and nothing else of it.

/** Who reads: the tenant, and the credential or service for the audit log. */
const Reader = Type.Object({
  ...GivenTenant.properties,
  credential: Type.Optional(Type.Unsafe<string | undefined>(Type.String())),
});

/** How services read secrets: never kept by them longer than it is needed. */
export const secretsContract = contract("secrets", {
  /**
   * The value of a name: the project's, else the organisation's, else, only with `platform`, the platform's. Ask for the
   * platform's only where the platform's own configuration decides what the value is used for and where it is sent.
   *
   * @throws ApiError NOT_FOUND, or UNAVAILABLE naming a reference that cannot be read and what to do
   */
  resolve: call({
    input: Type.Object({ reader: Reader, wanted: Wanted, platform: Type.Optional(Type.Boolean()) }),
    output: Resolved,
    idempotent: true,
    deadline: 20_000,
  }),
  /**
   * In which tier a name is set, without reading its value: null when it is nowhere. Not an entry of the audit log, since
   * nothing is read.
   */
  tierOf: call({
    input: Type.Object({ tenant: GivenTenant, wanted: Type.Pick(Wanted, ["name", "project"]) }),
    output: Type.Union([Tier, Type.Null()]),
    idempotent: true,
  }),
  /**
   * The value of a reference that the platform's own configuration has; never of one that an organisation gave.
   *
   * @throws ApiError UNAVAILABLE naming the reference and what to do
   */
  read: call({
    input: Type.Object({ reader: Reader, reference: Type.String(), purpose: Type.String() }),
    output: Type.String(),
    idempotent: true,
    deadline: 20_000,
  }),
  /**
   * Keeps a value for a service that was given it in a request, as a secret of the organisation: never in place of one that
   * is there already, unless `mine` names it. Takes the wanted name if it is free, else one with a number at its end.
   *
   * @returns the name it has
   */
  keep: call({
    input: Type.Object({
      reader: Reader,
      wanted: Type.Object({
        name: Type.String(),
        value: Type.String(),
        mine: Type.Optional(Type.Array(Type.String())),
      }),
    }),
    output: Type.String(),
  }),
  /** Deletes what was kept by `keep`; what is gone already is no error. */
  forget: call({ input: Type.Object({ reader: Reader, name: Type.String() }), output: Type.Null(), idempotent: true }),
  /**
   * One of the platform's own settings, such as its mail server's; no organisation's takes its place. Null: nobody set it.
   *
   * @throws ApiError UNAVAILABLE naming a reference that cannot be read and what to do
   */
  own: call({
    input: Type.Object({ reader: Reader, name: OwnName, purpose: Type.String() }),
    output: Type.Union([Type.String(), Type.Null()]),
    idempotent: true,
    deadline: 20_000,
  }),
});
