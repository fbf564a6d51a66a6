import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { logLevels } from "../kit/index.ts";

/** The host's whole configuration. Names of variables are the names in the environment. */
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
  DEVFLOW_SUPERVISOR_SOCKET: Type.Optional(Type.String({ description: "Unix socket of the supervisor." })),
  DEVFLOW_PROMETHEUS_URL: Type.Optional(
    Type.String({ description: "Address of the stack's Prometheus. @default the one that the supervisor runs" }),
  ),
  DEVFLOW_RUNS: Type.Optional(Type.String({ description: "Folder with one folder a run, each with events.jsonl." })),
  DEVFLOW_ADDRESSES: Type.Optional(Type.String({ description: "JSON object: component to the address people open." })),
  DEVFLOW_MASTER_KEY_FILE: Type.Optional(
    Type.String({ description: "Keys that encrypt secrets, one a line, mode 0600. Without it there are none." }),
  ),
  DEVFLOW_PLATFORM_SECRETS: Type.Optional(
    Type.String({ description: "File of the platform's own secrets, mode 0600; it need not exist." }),
  ),
  DEVFLOW_SECRETS_INDEX: Type.Optional(Type.String({ description: "Names and times of generated secrets, JSON." })),
  DOCS_DIR: Type.Optional(Type.String({ description: "Folder of Markdown pages. @default the repository's docs." })),
  DASHBOARD_DIR: Type.Optional(
    Type.String({
      description: "Folder that glue-services/dashboard/build.ts built the web app in; else plain pages.",
    }),
  ),
  DEVFLOW_MODEL_PROVIDERS: Type.Optional(
    Type.String({ description: "JSON array: providers of models, as models.providers of devflow.yaml." }),
  ),
  DEVFLOW_USAGE_SPOOL: Type.Optional(
    Type.String({ description: "Folder of usage that is not in the database yet; must outlive a restart." }),
  ),
  DEVFLOW_EMBEDDINGS: Type.Optional(
    Type.String({ description: "JSON file with the folders `runtime` and `model`, which may come later." }),
  ),
  DEVFLOW_EMBEDDING_RUNTIME: Type.Optional(Type.String({ description: "Folder of the artifact onnxruntime." })),
  DEVFLOW_EMBEDDING_MODEL: Type.Optional(Type.String({ description: "Folder of the artifact multilingual-e5-small." })),
  DEVFLOW_KNOWLEDGE_ALLOW: Type.Optional(
    Type.String({ description: "Hosts and ranges of private networks whose sites may be read, separated by commas." }),
  ),
  DEVFLOW_READING_MEMORY: Type.Optional(
    Type.Integer({ minimum: 64, description: "MiB that the processes which read files may take in all. @default 928" }),
  ),
  DEVFLOW_HOOKS_AT: Type.Optional(
    Type.String({ pattern: "^https?://", description: "Address by which Gitea reaches this host to tell of pushes." }),
  ),
  DEVFLOW_VESPA_URL: Type.Optional(
    Type.String({ pattern: "^https?://", description: "Vespa that answers searches. @default PostgreSQL does" }),
  ),
  DEVFLOW_MCP_FOLDER: Type.Optional(
    Type.String({ description: "Folder that MCP servers which are programs start in." }),
  ),
  DEVFLOW_KIND: Type.String({ default: "local", description: "Kind of stack: local, onprem, saas or dedicated." }),
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
  IDENTITY_CONFIG: Type.Optional(
    Type.String({ description: "File of the identity service (0600, JSON); without it nobody can sign in." }),
  ),
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
