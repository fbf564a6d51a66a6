import { Type } from "typebox";

/** Absent for a machine. */
export const GivenPerson = Type.Optional(Type.Unsafe<string | undefined>(Type.String()));

/** For whom a service calls another: a Tenant, as it goes over the wire. An Identity is one. */
export const GivenTenant = Type.Object({ organisation: Type.String(), person: GivenPerson });
