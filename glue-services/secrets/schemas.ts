import { type Static, Type } from "typebox";

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const Uuid = Type.String({ format: "uuid" });
const Time = Type.String({ format: "date-time" });

/** Names people give; they fit an environment. */
export const SecretName = Type.String({
  pattern: "^[A-Z][A-Z0-9_]{0,127}$",
  description: "Capital letters, digits and underscores, a letter first.",
});

/** Settings of the platform itself that are secret; like 1Password's access they are given to nobody who asks. */
export const ownNames = ["SMTP_URL", "MAIL_FROM"] as const;
export const OwnName = Type.Enum([...ownNames]);
export type OwnName = (typeof ownNames)[number];

export const tiers = ["platform", "organisation", "project"] as const;
export const Tier = Type.Enum([...tiers]);
export type Tier = (typeof tiers)[number];

/** What may be seen of a secret. There is no field for a value. */
export const SecretEntry = Type.Object({
  name: Type.String(),
  tier: Tier,
  project: Nullable(Uuid),
  backend: Type.Enum(["database", "env-file", "1password", "generated"]),
  reference: Nullable(Type.String({ description: "Where the value is, when it is kept elsewhere." })),
  version: Nullable(Type.Integer()),
  createdAt: Nullable(Time),
  changedAt: Nullable(Time),
  ageDays: Nullable(Type.Integer({ description: "Days since the value was set or rotated." })),
  lastUsedAt: Nullable(Time),
  rotation: Type.Object({
    state: Type.Enum(["steady", "overlap", "manual"], {
      description:
        "overlap: the former value is still valid; manual: rotated where it is kept, or by the command line.",
    }),
    until: Nullable(Time),
  }),
  writable: Type.Boolean({ description: "Whether it can be set, rotated and deleted here." }),
});
export type SecretEntry = Static<typeof SecretEntry>;

const Place = {
  project: Type.Optional(Uuid),
};

export const Where = Type.Object(Place);
export type Where = Static<typeof Where>;

export const ByName = Type.Object({ name: SecretName });

/** A value, or where it is. */
export const NewValue = Type.Object(
  {
    ...Place,
    value: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536 })),
    reference: Type.Optional(Type.String({ pattern: "^([oO][pP]://|env:)", maxLength: 1000 })),
  },
  { additionalProperties: false },
);
export type NewValue = Static<typeof NewValue>;

export const Rotation = Type.Object(
  {
    ...Place,
    value: Type.String({ minLength: 1, maxLength: 65_536 }),
    overlap: Type.Integer({
      minimum: 0,
      maximum: 2_592_000,
      default: 0,
      description: "Seconds for which the former value stays valid beside the new one.",
    }),
  },
  { additionalProperties: false },
);
export type Rotation = Static<typeof Rotation>;

export const Wanted = Type.Object(
  {
    ...Place,
    name: SecretName,
    purpose: Type.String({
      minLength: 3,
      maxLength: 200,
      description: "What it is read for; stands in the audit log.",
    }),
  },
  { additionalProperties: false },
);
export type Wanted = Static<typeof Wanted>;

/** The one answer that holds a value; only a service's key with the scope of that name gets it. */
export const Resolved = Type.Object({
  name: SecretName,
  tier: Tier,
  value: Type.String(),
  former: Type.Optional(Type.String({ description: "The value before, while both are valid." })),
});
export type Resolved = Static<typeof Resolved>;

export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Time,
  person: Nullable(Uuid),
  credential: Nullable(Type.String()),
  action: Type.Enum(["read", "refused", "set", "rotated", "deleted"]),
  tier: Tier,
  project: Nullable(Uuid),
  name: Type.String(),
  version: Nullable(Type.Integer()),
  purpose: Nullable(Type.String()),
});
