import { type Static, Type } from "typebox";
import { providerKinds } from "./provider-kinds.ts";

export { type ProviderKind, providerKinds } from "./provider-kinds.ts";

const Uuid = Type.String({ format: "uuid" });

/** A provider as the configuration or an organisation gives it. */
export const ProviderGiven = Type.Object({
  name: Type.String({
    pattern: "^[a-z][a-z0-9-]{0,30}$",
    description: "Lowercase letters, digits and dashes, a letter first, at most 31.",
  }),
  kind: Type.Enum([...providerKinds]),
  /** With `?api-version=…` it is Azure's older API, in which a model is a deployment. */
  baseUrl: Type.Optional(
    Type.String({ pattern: "^https?://[^\\s/?#]+[^\\s?#]*(\\?api-version=[A-Za-z0-9.-]+)?$", maxLength: 300 }),
  ),
  /** Name of a secret, `env:NAME`, or `op://vault/item/field`; never the key. */
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
  /** Nobody bills its calls. @default true when its address is in a private network */
  free: Type.Optional(Type.Boolean()),
});
export type ProviderGiven = Static<typeof ProviderGiven>;

export const Target = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 200, description: "provider/model" }),
    weight: Type.Optional(Type.Number({ minimum: 0, maximum: 1000, default: 1 })),
    group: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 9, default: 0, description: "0 is tried first; within one by weight." }),
    ),
  },
  { additionalProperties: false },
);
export type Target = Static<typeof Target>;

export const RouteOptions = Type.Object(
  {
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 5, description: "Per target, after failures." })),
    firstByteMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 900_000 })),
    stallMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 900_000 })),
    totalMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
    cut: Type.Optional(
      Type.Enum(["error", "continue"], {
        description: "What follows when a stream is cut: an error, or another model.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type RouteOptions = Static<typeof RouteOptions>;

export const RouteGiven = Type.Object(
  {
    targets: Type.Array(Target, { minItems: 1, maxItems: 20 }),
    options: Type.Optional(RouteOptions),
  },
  { additionalProperties: false },
);
export type RouteGiven = Static<typeof RouteGiven>;

export const levels = ["organisation", "project", "key", "person"] as const;
export const units = ["money", "tokens", "requests"] as const;
export const periods = ["minute", "hour", "day", "month", "ever"] as const;
export type Unit = (typeof units)[number];
export type Period = (typeof periods)[number];

/** Amounts of money are dollars here and nano-dollars inside. */
export const BudgetGiven = Type.Object(
  {
    level: Type.Enum([...levels]),
    subject: Type.Optional(Uuid),
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    unit: Type.Enum([...units]),
    amount: Type.Number({ minimum: 0, maximum: 9_000_000 * 1e9 }),
    period: Type.Enum([...periods]),
  },
  { additionalProperties: false },
);
export type BudgetGiven = Static<typeof BudgetGiven>;

export const KeyGiven = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
    project: Type.Optional(Uuid),
    models: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 100 })),
    expiresAt: Type.Optional(Type.String({ format: "date-time" })),
  },
  { additionalProperties: false },
);

/** report: only written down. */
export const guardActions = ["off", "report", "redact", "block"] as const;
export type GuardAction = (typeof guardActions)[number];

/** How an organisation's calls are guarded, cached and recorded. */
export const PolicySettings = Type.Object(
  {
    guards: Type.Optional(
      Type.Record(Type.String(), Type.Enum([...guardActions]), { description: "Guardrail to what it does." }),
    ),
    deny: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 200 })),
    allow: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 200 })),
    cache: Type.Optional(Type.Enum(["off", "exact", "semantic"])),
    cacheSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
    similarity: Type.Optional(Type.Number({ minimum: 0.5, maximum: 1 })),
    record: Type.Optional(Type.Boolean({ description: "Keep questions and answers, redacted, in the audit log." })),
  },
  { additionalProperties: false },
);
export type PolicySettings = Static<typeof PolicySettings>;
