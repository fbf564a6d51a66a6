import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { stackKinds } from "../kit/declare/index.ts";
import { logLevels } from "../kit/index.ts";

/** What the host itself is told; its services are told by the file of SERVICES_CONFIG. Names of variables are the names in the environment. */
export const Environment = Type.Object({
  HOST: Type.String({ default: "127.0.0.1", description: "Address to listen on." }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 4401, description: "0 takes a free one." }),
  DATABASE_URL: Type.Optional(
    Type.String({ pattern: "^postgres(ql)?://", description: "Else the PG* variables; the password by PGPASSFILE." }),
  ),
  PGHOST: Type.Optional(Type.String()),
  DATABASE_CONNECTIONS: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: "Most connections to PostgreSQL that this host opens in all. @default what is left for it",
    }),
  ),
  DATABASE_HOSTS: Type.Integer({
    minimum: 1,
    default: 1,
    description: "Most hosts that are up at a time on this PostgreSQL, with those that a rolling update adds.",
  }),
  DATABASE_OTHERS: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: "Connections that other programs of this PostgreSQL may take. @default a quarter of all",
    }),
  ),
  SERVICES_CONFIG: Type.Optional(
    Type.String({ description: "File of the services' resources and settings (configuration.ts), JSON, mode 0600." }),
  ),
  DEVFLOW_KIND: Type.Enum([...stackKinds], { default: "local", description: "Kind of stack." }),
  DEVFLOW_PEERS: Type.Optional(
    Type.String({
      description:
        'JSON object: which host runs a service that this one does not, such as {"knowledge": "http://work:4401"}. @default none does',
    }),
  ),
  DEVFLOW_FRONT_DOOR: Type.String({
    default: "127.0.0.0/8,::1",
    pattern: "^[^\\s,]+(,[^\\s,]+)*$",
    description:
      "Where the stack's own proxy connects from: addresses, ranges or host names, with commas. Others cannot say who a client is.",
  }),
  DEVFLOW_TRUSTED_PROXIES: Type.Optional(
    Type.String({
      pattern: "^[0-9A-Fa-f.:/]+(,[0-9A-Fa-f.:/]+)*$",
      description: "Proxies before the stack's own: addresses and ranges, with commas.",
    }),
  ),
  PUBLIC_URL: Type.String({
    default: "http://localhost:4400",
    pattern: "^https?://",
    description: "Address under which people reach the platform.",
  }),
  SERVICES: Type.String({ default: "all", description: "all, or a list: platform,knowledge." }),
  LOG_LEVEL: Type.Union(
    logLevels.map((level) => Type.Literal(level)),
    { default: "info" },
  ),
  DEVFLOW_VERSION: Type.String({ default: "0.1.0" }),
});
export type Environment = Static<typeof Environment>;

/** @throws Error that names every variable that is wrong, never its value: it may be a secret. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  // An empty variable is how a shell or a container says "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const validate = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true }).compile<Environment>(Environment);
  if (validate(given)) return given;
  const problems = (validate.errors ?? []).map((error) => `${error.instancePath.slice(1)}: ${error.message}`);
  throw new Error(`The environment is not valid. ${[...new Set(problems)].join("; ")}.`);
}
