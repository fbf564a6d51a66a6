import { type Static, Type } from "typebox";

export const serverName = "^[a-z][a-z0-9-]{0,30}$";
const Name = Type.String({ pattern: serverName, description: "Part of its address and of its tools' names." });

/** A value as it is, or the name of a secret of the organisation (or project, or platform) that is read when needed. */
export const Given = Type.Union([
  Type.Object({ value: Type.String({ maxLength: 4096 }) }, { additionalProperties: false }),
  Type.Object(
    { secret: Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_.-]{0,127}$" }), prefix: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
]);
export type Given = Static<typeof Given>;

/** A value that is never shown. Sent back, it stays as it is. */
const Unchanged = Type.Object({ unchanged: Type.Literal(true) }, { additionalProperties: false });
const GivenOrUnchanged = Type.Union([...Given.anyOf, Unchanged]);
const Shown = Type.Union([Given.anyOf[1], Unchanged]);

const header = "^(?!(?:host|connection|content-length|transfer-encoding|cookie|mcp-.*)$)[a-z][a-z0-9-]{0,63}$";
const environmentVariable = "^[A-Za-z_][A-Za-z0-9_]{0,127}$";

export const ServerGiven = Type.Object(
  {
    name: Name,
    title: Type.Optional(Type.String({ maxLength: 100 })),
    transport: Type.Enum(["http", "sse", "stdio"]),
    url: Type.Optional(Type.String({ format: "uri", pattern: "^https?://", maxLength: 2048 })),
    command: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), {
        minItems: 1,
        maxItems: 64,
        description: "Program and arguments. They are seen by others on the machine: secrets belong in `environment`.",
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: header }), GivenOrUnchanged, {
        maxProperties: 32,
        additionalProperties: false,
      }),
    ),
    environment: Type.Optional(
      Type.Record(Type.String({ pattern: environmentVariable }), GivenOrUnchanged, {
        maxProperties: 64,
        additionalProperties: false,
      }),
    ),
    enabled: Type.Optional(Type.Boolean()),
    personal: Type.Optional(Type.Boolean({ description: "Only for whoever adds it. @default false" })),
  },
  { additionalProperties: false },
);
export type ServerGiven = Static<typeof ServerGiven>;

const Maybe = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);

export const ServerTold = Type.Object({
  ...Type.Required(ServerGiven).properties,
  url: Maybe(Type.String()),
  command: Type.Union([Type.Array(Type.String()), Type.Null()]),
  headers: Type.Record(Type.String(), Shown),
  environment: Type.Record(Type.String(), Shown),
  kept: Type.Array(Type.String(), { description: "Secrets that were kept for it, and end with it." }),
  id: Type.String(),
  address: Type.String({ description: "Where clients reach it through the gateway." }),
  changedAt: Type.String(),
});
export type ServerTold = Static<typeof ServerTold>;

export const RuleGiven = Type.Object(
  {
    server: Type.Optional(Name),
    tool: Type.String({
      pattern: "^[^\\u0000-\\u001f\\u007f]{1,256}$",
      description: "Name, with * and ? for parts of it.",
    }),
    role: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    person: Type.Optional(Type.String({ format: "uuid" })),
    effect: Type.Enum(["allow", "approve", "deny"]),
  },
  { additionalProperties: false },
);
export type RuleGiven = Static<typeof RuleGiven>;
export const RuleTold = Type.Object({
  id: Type.String(),
  server: Maybe(Type.String()),
  tool: Type.String(),
  role: Maybe(Type.String()),
  person: Maybe(Type.String()),
  agent: Maybe(Type.String({ description: "Set by “always for this agent” of an approval." })),
  agentName: Maybe(Type.String()),
  effect: Type.String(),
});

const AMinute = Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Messages a minute." });
export const LimitsGiven = Type.Object({ caller: AMinute, organisation: AMinute }, { additionalProperties: false });

export const Approval = Type.Object({
  id: Type.String(),
  server: Type.String(),
  tool: Type.String(),
  arguments: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  askedBy: Type.String(),
  asker: Maybe(Type.String({ description: "Name of the person or key that asks, as it was then." })),
  client: Maybe(
    Type.String({ description: "Name of the program that acts for the person; null: by a key, or in the web." }),
  ),
  rule: Type.Union([
    Type.Object({
      ...{
        server: Maybe(Type.String()),
        tool: Type.String(),
        role: Maybe(Type.String()),
        person: Maybe(Type.String()),
      },
    }),
    Type.Null(),
  ]),
  expiresAt: Maybe(Type.String({ description: "Until when it can be decided, or an approved call be made." })),
  askedAt: Type.String(),
  state: Type.String(),
  decidedBy: Maybe(Type.String()),
});

export const CallTold = Type.Object({
  at: Type.String(),
  caller: Type.String(),
  person: Maybe(Type.String()),
  server: Type.String(),
  method: Type.String(),
  target: Maybe(Type.String()),
  outcome: Type.String(),
  ms: Type.Integer(),
});
