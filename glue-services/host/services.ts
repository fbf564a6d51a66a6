import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Shell } from "../dashboard/shell.ts";
import type { IdentityService } from "../identity/app.ts";
import type { Service, Verifier } from "../kit/index.ts";
import type { Environment } from "./environment.ts";

/** Every glue service, loaded only when it is mounted. */
const services = {
  platform: async (env: Environment) =>
    (await import("../platform/app.ts")).platform({ ...platformOptions(env), shell: (await shellOf(env))?.send }),
  dashboard: async (env: Environment) => dashboardOf(env),
  identity: async (env: Environment) => identityOf(env),
  secrets: async (env: Environment) => secretsOf(env),
  "ai-gateway": async (env: Environment) => aiGatewayOf(env),
  knowledge: async (env: Environment) => knowledgeOf(env),
  code: async (env: Environment) => codeOf(env),
  "mcp-gateway": async (env: Environment) => mcpGatewayOf(env),
} satisfies Record<string, (env: Environment) => Promise<Service>>;

export const serviceNames = Object.keys(services);

/** @throws Error when SERVICES names one that does not exist. */
export async function loadServices(env: Environment): Promise<Service[]> {
  const wanted = env.SERVICES === "all" ? serviceNames : env.SERVICES.split(",").map((name) => name.trim());
  return Promise.all(
    wanted.map((name) => {
      const load = services[name as keyof typeof services];
      if (!load) throw new Error(`SERVICES names ${name}, but there are only ${serviceNames.join(", ")}.`);
      return load(env);
    }),
  );
}

/** The web app, where this host was told of its folder. Two services show it, so it is opened once. */
function shellOf(env: Environment): Promise<Shell> | undefined {
  if (!env.DASHBOARD_DIR) return undefined;
  const known =
    shells.get(env) ?? import("../dashboard/shell.ts").then(({ openShell }) => openShell(env.DASHBOARD_DIR ?? ""));
  shells.set(env, known);
  return known;
}

const shells = new WeakMap<Environment, Promise<Shell>>();

async function dashboardOf(env: Environment): Promise<Service> {
  const shell = await shellOf(env);
  if (!shell) return { name: "dashboard", register() {} };
  const { dashboard } = await import("../dashboard/app.ts");
  return dashboard({ shell, version: env.DEVFLOW_VERSION, kind: env.DEVFLOW_KIND, publicUrl: env.PUBLIC_URL });
}

/** Who a request comes from, as the identity service among them knows. */
export function verifierOf(mounted: readonly Service[]): Verifier | undefined {
  return mounted.find((service): service is IdentityService => "verify" in service)?.verify;
}

/** Without its file, or without a database, there is nobody to know. */
async function identityOf(env: Environment): Promise<Service> {
  if (!env.IDENTITY_CONFIG || !(env.DATABASE_URL || env.PGHOST)) return { name: "identity", register() {} };
  return (await import("../identity/config.ts")).identityFrom(env.IDENTITY_CONFIG, env.PUBLIC_URL);
}

async function secretsOf(env: Environment): Promise<Service> {
  const { DEVFLOW_MASTER_KEY_FILE: masterKeyFile, DEVFLOW_PLATFORM_SECRETS: platformFile } = env;
  if (!masterKeyFile || !platformFile || !(env.DATABASE_URL || env.PGHOST)) return { name: "secrets", register() {} };
  const { secrets } = await import("../secrets/app.ts");
  return secrets({ masterKeyFile, platformFile, indexFile: env.DEVFLOW_SECRETS_INDEX });
}

/** Its organisations and keys are in the database; without one it has nothing to go by. */
async function aiGatewayOf(env: Environment): Promise<Service> {
  if (!(env.DATABASE_URL || env.PGHOST)) return { name: "ai_gateway", register() {} };
  const { aiGateway } = await import("../ai-gateway/app.ts");
  const { providersFrom } = await import("../ai-gateway/providers/given.ts");
  const { DEVFLOW_EMBEDDING_RUNTIME: runtime, DEVFLOW_EMBEDDING_MODEL: model, DEVFLOW_EMBEDDINGS: file } = env;
  return aiGateway({
    providers: providersFrom(env.DEVFLOW_MODEL_PROVIDERS ?? "[]"),
    ...(env.DEVFLOW_USAGE_SPOOL && { spool: env.DEVFLOW_USAGE_SPOOL }),
    ...(runtime && model ? { local: { runtime, model } } : file && { local: file }),
  });
}

/** Reads repositories with the account that the identity service has in Gitea. */
async function knowledgeOf(env: Environment): Promise<Service> {
  if (!(env.DATABASE_URL || env.PGHOST)) return { name: "knowledge", register() {} };
  const { knowledge } = await import("../knowledge/app.ts");
  const { giteaAccess } = await import("../knowledge/git/gitea.ts");
  const { lanes } = await import("../knowledge/read/reader.ts");
  const gitea = await giteaOf(env);
  const { DEVFLOW_READING_MEMORY: reading } = env;
  return knowledge({
    allow: (env.DEVFLOW_KNOWLEDGE_ALLOW ?? "").split(",").filter((entry) => entry.trim() !== ""),
    vespa: env.DEVFLOW_VESPA_URL,
    ...(reading !== undefined && { reader: { memory: Math.floor(reading / lanes) } }),
    ...(gitea && { git: giteaAccess(gitea), hooksAt: env.DEVFLOW_HOOKS_AT }),
  });
}

/** Git hosting for agents, by the account that the identity service has there. */
async function codeOf(env: Environment): Promise<Service> {
  const gitea = await giteaOf(env);
  return gitea ? (await import("../code/app.ts")).code(gitea) : { name: "code", register() {} };
}

/** The platform's account in Gitea, where the stack has one. */
async function giteaOf(env: Environment) {
  return env.IDENTITY_CONFIG
    ? (await (await import("../identity/config.ts")).readConfig(env.IDENTITY_CONFIG)).gitea
    : undefined;
}

/** Servers and keys are an organisation's, in the database. */
async function mcpGatewayOf(env: Environment): Promise<Service> {
  if (!(env.DATABASE_URL || env.PGHOST)) return { name: "mcp_gateway", register() {} };
  const { mcpGateway } = await import("../mcp-gateway/app.ts");
  const { DEVFLOW_MASTER_KEY_FILE: keys, DEVFLOW_MCP_FOLDER: folder } = env;
  return mcpGateway({
    publicUrl: env.PUBLIC_URL,
    // In a container nothing keeps them from the platform's keys and from all that it can call.
    programs: env.DEVFLOW_KIND === "local",
    ...(keys && { secret: `mcp ${await readFile(keys, "utf8")}` }),
    ...(folder && { folder }),
    hidden: [keys, folder].flatMap((path) => (path ? [dirname(path)] : [])),
  });
}

function platformOptions(env: Environment) {
  return {
    version: env.DEVFLOW_VERSION,
    publicUrl: env.PUBLIC_URL,
    supervisor: env.DEVFLOW_SUPERVISOR_SOCKET,
    prometheus: env.DEVFLOW_PROMETHEUS_URL,
    runs: env.DEVFLOW_RUNS,
    docs: env.DOCS_DIR,
    addresses: JSON.parse(env.DEVFLOW_ADDRESSES ?? "{}") as Record<string, string>,
  };
}
