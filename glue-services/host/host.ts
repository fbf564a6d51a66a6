import closeWithGrace from "close-with-grace";
import { declarations } from "../declared.ts";
import { cookieNames } from "../identity/cookie-names.ts";
import { type App, buildApp } from "../kit/index.ts";
import { readConfiguration } from "./configuration.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { peersOf } from "./peers.ts";
import { openServices, verifierOf } from "./services.ts";

/** Milliseconds that requests in flight get to end after SIGTERM. */
const grace = 8000;

/** Reads the environment, mounts the services, listens, and closes in order on SIGTERM or SIGINT. */
export async function start(variables: NodeJS.ProcessEnv): Promise<App> {
  const env = readEnvironment(variables);
  const app = await buildHost(env);
  try {
    await app.listen({ host: env.HOST, port: env.PORT });
  } catch (error) {
    // Its timers and connections would keep the process alive.
    await app.close();
    throw error;
  }
  closeWithGrace({ delay: grace, logger: app.log }, async ({ err }) => {
    if (err) app.log.fatal({ err }, "closing after an error that nothing caught");
    await app.close();
  });
  return app;
}

/**
 * The host as an app that does not listen.
 *
 * @param declared the services that there are. @default those of the platform
 */
export async function buildHost(env: Environment, declared = declarations): Promise<App> {
  const offer = await offerOf(env);
  const peers = await peersOf(env.DEVFLOW_PEERS, offer.resources.masterKeys);
  const { services, left } = await openServices(env.SERVICES, offer, declared, peers?.at);
  const scopes = declared.flatMap(({ title, scopes }) =>
    Object.entries(scopes).map(([name, lets]) => ({ name, lets, service: title })),
  );
  const verify = verifierOf(services);
  const app = await buildApp({
    version: env.DEVFLOW_VERSION,
    logLevel: env.LOG_LEVEL,
    services,
    scopes,
    proxies: {
      nearest: env.DEVFLOW_FRONT_DOOR.split(","),
      outer: env.DEVFLOW_TRUSTED_PROXIES?.split(",") ?? [],
    },
    hosts: [new URL(env.PUBLIC_URL).host],
    ...(peers && { peers }),
    ...(verify && { verify, sessionCookie: cookieNames(env.PUBLIC_URL).sent }),
    ...((env.DATABASE_URL || env.PGHOST) && { database: { url: env.DATABASE_URL } }),
    connections: {
      connections: env.DATABASE_CONNECTIONS,
      hosts: env.DATABASE_HOSTS,
      others: env.DATABASE_OTHERS,
    },
  });
  for (const { name, lacks } of left)
    app.log.info({ service: name, lacks }, "service not mounted: resources are missing");
  return app;
}

/** What this host has for its services. */
export async function offerOf(env: Environment) {
  const { resources, settings } = await readConfiguration(env.SERVICES_CONFIG);
  const has: Record<string, unknown> = { ...resources, ...((env.DATABASE_URL || env.PGHOST) && { database: true }) };
  return {
    stack: { version: env.DEVFLOW_VERSION, kind: env.DEVFLOW_KIND, publicUrl: env.PUBLIC_URL },
    resources: has,
    settings,
  };
}
