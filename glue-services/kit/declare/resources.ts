import { Type } from "typebox";

/**
 * Resources that a stack has for its services, each under the name by which `needs` of a declaration asks for it. One that
 * a service can do without is `Type.Optional` there. What a single service needs stands in its own folder.
 */

/** PostgreSQL: a schema and a role of the service's own, for its migrations. */
export const database = Type.Literal(true);

const path = (description: string) => Type.String({ minLength: 1, description, "x-path": true });
const url = (description: string) => Type.String({ pattern: "^https?://", description });

/** A folder that outlives restarts but not the machine. Services share it: each keeps a folder of its own in it. */
export const dataFolder = path("Folder that outlives restarts.");

/** Keys that encrypt secrets. */
export const masterKeys = path("File of the keys, one a line, the current one first; mode 0600.");

/** The platform's own secrets. */
export const platformSecrets = Type.Object({
  file: path("The secrets, as NAME=value; mode 0600. It need not exist."),
  index: Type.Optional(path("Names and times of generated secrets, JSON.")),
});

/** The account that the platform has in Git hosting. */
export const gitHosting = Type.Object({
  url: url("Where the platform reaches it, behind the proxy."),
  publicUrl: url("Where people reach it."),
  user: Type.String(),
  password: Type.String(),
  hooksAt: Type.Optional(url("Where it reaches this host to tell of pushes.")),
});

/** The dashboard's web app: where glue-services/dashboard/build.ts puts its builds. */
export const webApp = path("Folder of the builds of the dashboard.");

/** Vespa, where it answers searches in place of PostgreSQL. */
export const searchServer = url("Address of Vespa.");

/** Prometheus. */
export const metricsServer = url("Address of the stack's Prometheus.");

/** The supervisor of the stack's processes, on one's own machine. */
export const supervisor = path("Unix socket of the supervisor.");

/** What was run on the stack. */
export const runs = path("Folder with one folder a run, each with events.jsonl.");

/** The documentation. */
export const docs = path("Folder of Markdown pages.");
