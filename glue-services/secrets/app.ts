import { Type } from "typebox";
import { job, type Service } from "../kit/index.ts";
import { factsContract, whoOf } from "../projects/contract.ts";
import { type Backend, type Resolver, resolver } from "./backends/index.ts";
import { secretsContract } from "./contract.ts";
import { rewrapAll } from "./data-keys.ts";
import { readMasterKeys } from "./master-key.ts";
import { platformTier } from "./platform-tier.ts";
import { followProjects, tellOfProject } from "./projects.ts";
import { secretsReader } from "./reader.ts";
import { secretRoutes } from "./routes.ts";

export interface SecretsOptions {
  /** File of the master keys, mode 0600. */
  masterKeyFile: string;
  /** The platform's `.env` file, mode 0600; it need not exist. */
  platformFile: string;
  /** Names and times of the generated secrets. */
  indexFile?: string | undefined;
  /** Backend of `op://`. @default what the platform's file says */
  onepassword?: Backend;
  /** Milliseconds a value from a backend is remembered. @default 30000 */
  fresh?: number;
}

/** Secrets of three tiers: names over HTTP, values to services. */
export function secrets(options: SecretsOptions): Service {
  const references: Resolver = resolver({
    file: options.platformFile,
    ...(options.onepassword && { onepassword: options.onepassword }),
    ...(options.fresh !== undefined && { fresh: options.fresh }),
  });
  return {
    name: "secrets",
    migrations: new URL("migrations/", import.meta.url),
    jobs: [forgetFormer],
    subscriptions: followProjects,
    async register(app) {
      const { database } = app;
      const keys = await readMasterKeys(options.masterKeyFile);
      const platform = platformTier({ file: options.platformFile, index: options.indexFile });
      const reader = secretsReader({ database, keys, platform, resolver: references });
      app.provide(secretsContract, reader);
      app.provide(factsContract("secrets"), {
        projectFacts: ({ who, project }) => tellOfProject(database, whoOf(who), project),
      });
      secretRoutes(app, { keys, platform, secrets: app.use(secretsContract) });
      // A host that was given a new master key brings everything to it before it serves.
      app.addHook("onReady", async () => {
        const count = await rewrapAll(database, keys);
        if (count > 0) app.log.info({ count }, "data keys wrapped by the new master key");
      });
    },
  };
}

const forgetFormer = job({
  name: "secrets.forget-former",
  payload: Type.Object({}),
  cron: "*/15 * * * *",
  async run(_payload, { database }) {
    await database.pool.query("select secrets.forget_former()");
  },
});
