import { type Static, Type } from "typebox";
import { Client } from "./clients.ts";

/** How people sign in, and programs sign them in: the resource that only this service needs. Most of it is secret. */
export const signOn = Type.Object({
  secret: Type.String({ minLength: 32, description: "Signs cookies and encrypts what must be read back." }),
  formerSecret: Type.Optional(Type.String({ description: "The secret before, while it is rotated; may be empty." })),
  clients: Type.Array(Client, { default: [] }),
  internalProviders: Type.Array(Type.String({ format: "uri" }), { default: [] }),
  first: Type.Optional(
    Type.Object({ organisation: Type.Optional(Type.String()), email: Type.Optional(Type.String()) }),
  ),
  smtp: Type.Optional(Type.Object({ url: Type.String({ pattern: "^smtps?://" }), from: Type.String() })),
});
export type SignOn = Static<typeof signOn>;
