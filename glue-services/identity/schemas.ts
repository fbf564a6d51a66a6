import { type Static, Type } from "typebox";
import { permissionPattern } from "./permissions.ts";

export const Id = Type.String({ format: "uuid" });
export const ById = Type.Object({ id: Id });
const Time = Type.String({ description: "ISO 8601." });
const Maybe = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * Addresses that Better Auth takes when somebody signs in, and no others: whoever is let in can come back. A test holds it
 * to the library.
 */
const address =
  "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+\\-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$";
export const Email = Type.String({
  pattern: address,
  maxLength: 254,
  description: "An e-mail address of letters, digits and . _ ' + - at a domain, such as ada@example.com.",
});
export const PersonName = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });
/** Its length and strength are judged with a reason (password.ts); here only what no password may exceed. */
export const Password = Type.String({ maxLength: 1024 });
export const LinkToken = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
const small = "Lowercase letters, digits and dashes, a letter first, at most 39.";
export const RoleName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,38}$", description: small });
export const Roles = Type.Array(RoleName, { minItems: 1, maxItems: 20, uniqueItems: true });
export const Permissions = Type.Array(Type.String({ pattern: permissionPattern, maxLength: 100 }), {
  maxItems: 200,
  uniqueItems: true,
});

export const Me = Type.Object({
  person: Maybe(Id),
  name: Maybe(Type.String()),
  email: Maybe(Type.String()),
  twoFactor: Type.Boolean(),
  organisation: Id,
  roles: Type.Array(Type.String()),
  scopes: Type.Array(Type.String()),
  organisations: Type.Array(Type.Object({ id: Id, name: Type.String(), slug: Type.String() })),
});

export const Session = Type.Object({
  id: Id,
  current: Type.Boolean(),
  createdAt: Time,
  expiresAt: Time,
  address: Maybe(Type.String()),
  browser: Maybe(Type.String()),
});

export const Agent = Type.Object({
  id: Id,
  name: Type.String({ description: "What the program calls itself." }),
  site: Type.Union([Type.String(), Type.Null()], { description: "Whose it is, where a document there describes it." }),
  organisation: Type.String(),
  scopes: Type.Array(Type.String()),
  resources: Type.Array(Type.String()),
  since: Time,
  usedAt: Maybe(Time),
});

export const Person = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.String(),
  username: Type.String(),
  roles: Type.Array(Type.String()),
  disabled: Type.Boolean(),
  twoFactor: Type.Boolean(),
  since: Time,
});
export type Person = Static<typeof Person>;

export const Invitation = Type.Object({
  id: Id,
  email: Type.String(),
  roles: Type.Array(Type.String()),
  expiresAt: Time,
});

export const Organisation = Type.Object({
  id: Id,
  name: Type.String(),
  slug: Type.String({ description: "Names it in groups that other programs see. It never changes." }),
  members: Type.Integer(),
  createdAt: Time,
});

export const NewOrganisation = Type.Object({
  name: PersonName,
  owner: Email,
});

export const Role = Type.Object({
  name: RoleName,
  description: Type.String({ maxLength: 300 }),
  permissions: Permissions,
  builtIn: Type.Boolean(),
});

export const Key = Type.Object({
  id: Id,
  name: Type.String(),
  start: Type.String({ description: "Its first characters, to recognise it by." }),
  scopes: Type.Array(Type.String()),
  personal: Type.Boolean({ description: "It acts as its maker." }),
  createdBy: Maybe(Id),
  createdAt: Time,
  expiresAt: Maybe(Time),
  lastUsedAt: Maybe(Time),
  revokedAt: Maybe(Time),
});

/** A personal key, as its person sees it. */
export const Login = Type.Object({
  ...Type.Pick(Key, ["id", "name", "start", "scopes", "createdAt", "expiresAt", "lastUsedAt"]).properties,
  current: Type.Boolean({ description: "It is the key that asks." }),
});

export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Time,
  actor: Maybe(Id),
  credential: Maybe(Type.String()),
  action: Type.String(),
  target: Maybe(Type.String()),
  ip: Maybe(Type.String()),
  request: Maybe(Id),
  details: Type.Record(Type.String(), Type.Unknown()),
});

export const SignOnName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,38}$", description: small });
const Address = Type.String({
  format: "uri",
  pattern: "^https?://",
  description: "An address begins with https:// or http://.",
});
const Given = Type.String({ minLength: 1 });

/** What every identity provider is told by. */
const Common = {
  provider: SignOnName,
  domain: Type.String({
    pattern: "^[a-z0-9.-]+\\.[a-z0-9-]+$",
    description: "People of this domain sign on there.",
  }),
  issuer: Address,
};
const Oidc = { clientId: Given, clientSecret: Given };
const Saml = {
  entryPoint: Address,
  certificate: Type.String({ minLength: 1, description: "PEM of the provider's signing certificate." }),
};

/** What a form asks for, by protocol. */
export const NewOidc = Type.Object({ ...Common, ...Oidc });
export const NewSaml = Type.Object({ ...Common, ...Saml });

export const NewSignOn = Type.Object({
  ...Common,
  oidc: Type.Optional(Type.Object(Oidc)),
  saml: Type.Optional(Type.Object({ ...Saml, entityId: Given })),
});

export const SignOnProvider = Type.Object({
  provider: Type.String(),
  domain: Type.String(),
  issuer: Type.String(),
  kind: Type.String({ description: "oidc or saml." }),
});

/** A scope, as keys and roles name it. */
export const Scope = Type.Object({
  name: Type.String({ description: "As keys and roles name it." }),
  resource: Type.String({ description: "What it is about: the part before the colon." }),
  action: Type.String({ description: "What it allows there." }),
  lets: Type.Optional(Type.String({ description: "What it lets somebody do, in words." })),
  service: Type.Optional(Type.String({ description: "Title of the service that declares it." })),
});
export type Scope = Static<typeof Scope>;
