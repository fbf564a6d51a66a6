import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";

const Name = Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" });

/** An S3 server. Keys are in the environment (s3/credentials.ts) unless they stand here. */
const Server = Type.Object(
  {
    endpoint: Type.String({ pattern: "^https?://[^/\\s]+$" }),
    region: Type.String(),
    accessKey: Type.Optional(Type.String()),
    secretKey: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** What is copied. */
const Copy = Type.Union([
  Type.Object(
    {
      kind: Type.Literal("postgres", { description: "A whole PostgreSQL server, as a base backup with its log." }),
      host: Type.String(),
      port: Type.Integer(),
      user: Type.String({ description: "May replicate." }),
      password: Type.String(),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal("folder", { description: "A folder of files, as an archive of tar." }),
      path: Type.String({ pattern: "^/" }),
      leaveOut: Type.Array(Type.String(), { description: "Folders below it, relative to it." }),
      fresh: Type.Optional(
        Type.Integer({ description: "Hours: without a file as new as that there is nothing to copy." }),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal("secrets", { description: "The stack's generated secrets; never without encryption." }),
      values: Type.Record(Type.String(), Type.String()),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal("buckets", { description: "The objects of an S3 server, each once for as long as it stays." }),
      server: Server,
      leaveOut: Type.Array(Type.String(), { description: "Buckets." }),
    },
    { additionalProperties: false },
  ),
]);
export type Copy = Static<typeof Copy>;
export type CopyOf<Kind extends Copy["kind"]> = Extract<Copy, { kind: Kind }>;

const Target = Type.Union([
  Type.Object({ kind: Type.Literal("folder"), path: Type.String({ pattern: "^/" }) }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal("s3"),
      server: Server,
      bucket: Type.String({ minLength: 3 }),
      prefix: Type.String({ description: "Before every name; ends in a slash." }),
    },
    { additionalProperties: false },
  ),
]);
export type Target = Static<typeof Target>;

/** What the program is told, in a file of mode 0600: passwords of what it copies stand in it. */
export const Config = Type.Object(
  {
    stack: Name,
    at: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$", description: "Time of day, UTC, for `serve`." }),
    keepDays: Type.Integer({
      minimum: 0,
      description: "Days after which a copy is deleted; 0: whoever keeps them does that.",
    }),
    target: Target,
    copies: Type.Record(Name, Copy),
    report: Type.Optional(
      Type.String({ description: "Address of Prometheus' receiver of OTLP, for what became of it." }),
    ),
    encryptionKey: Type.Optional(Type.String({ description: "Else ENCRYPTION_KEY of the environment, else none." })),
    volumes: Type.Record(Name, Type.String(), {
      description: "Folders whose disk is measured, for `serve`.",
    }),
  },
  { additionalProperties: false },
);
export type Config = Static<typeof Config>;

const check = new Ajv({ allErrors: true }).compile<Config>(Config);

/** @throws Error that says what is wrong in the file */
export function loadConfig(file: string): Config {
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (check(found)) return found;
  const problems = (check.errors ?? []).map(({ instancePath, message }) => `${instancePath || "it"} ${message}`);
  throw new Error(`${file} is no configuration of backups: ${problems.join("; ")}`);
}
