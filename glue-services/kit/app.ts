import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from "fastify";
import type { Pool } from "pg";
import { followRequests } from "./audit/current.ts";
import { serveAudit } from "./audit/routes.ts";
import { authenticateRoutes, nobody, type Verifier } from "./authentication.ts";
import { runInBackground } from "./background.ts";
import { schemaController } from "./compilers.ts";
import { offersOf } from "./contract/offered.ts";
import { offersContract } from "./contract/offers.ts";
import { type Peers, useContracts } from "./contract/use.ts";
import { budgetOf, type Share } from "./database/budget.ts";
import { type Listener, openListener } from "./database/listener.ts";
import { createPool, type PoolOptions } from "./database/pool.ts";
import { prepareDatabases } from "./database/prepare.ts";
import { ErrorAnswer, handleErrors, refuseAddress } from "./error-handler.ts";
import { serveDeadLetters, serveEvents } from "./events/routes.ts";
import { serveFeed } from "./feed/routes.ts";
import { serveFind } from "./find/routes.ts";
import { reportHealth } from "./health.ts";
import { limitHooks } from "./hooks.ts";
import { shareBetweenHosts } from "./live/between.ts";
import type { Hub } from "./live/hub.ts";
import { serveLive } from "./live/route.ts";
import { type LogLevel, loggerOptions, logRequests } from "./logging.ts";
import { measure } from "./metrics.ts";
import { describeApi, serveApiDescription } from "./openapi.ts";
import { forgetUnknownHosts, onThisMachine, type Proxies, refuseUnreadableHosts, trustedProxies } from "./proxies.ts";
import { defaultRateLimits, limitRates, type RateLimits } from "./rate-limit.ts";
import { collectScopes, type DeclaredScope } from "./scopes.ts";
import { mount, type Prepared, type Service } from "./service.ts";
import { startTracing } from "./tracing/start.ts";

/** A Fastify instance whose handlers' types come from their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface AppOptions {
  /** Version of DevFlow, as `/healthz` tells it. */
  version: string;
  /** Services to mount. @default [] */
  services?: readonly Service[];
  /** The database and its owner, for services that have migrations. */
  database?: PoolOptions;
  /** What this host may take of the server's connections. @default what the server has, but for a quarter */
  connections?: Share;
  /** Other hosts of the stack, where services have processes of their own. @default all run here */
  peers?: Peers;
  /** Whether to run the services' subscriptions and jobs. @default true */
  background?: boolean;
  /** Whose word about a client counts. @default a proxy on this machine */
  proxies?: Proxies;
  /**
   * Names, with their port, that people reach the platform by. A proxy may say one of these in `X-Forwarded-Host`; another
   * is a client's own word, which some load balancers hand on. @default none
   */
  hosts?: readonly string[];
  /** @default 600 a minute for an address, 3000 for a session or key */
  rateLimits?: RateLimits;
  /** The scopes of all declared services. @default none, and what is asked for has no words */
  scopes?: readonly DeclaredScope[];
  /** Who a request comes from. @default nobody is known, so only public routes answer */
  verify?: Verifier;
  /** Name of the cookie by which `verify` knows a session, for the description of the API. @default "devflow_session" */
  sessionCookie?: string;
  /** @default "info" */
  logLevel?: LogLevel;
  /** Where log lines go. @default standard output */
  logStream?: { write(line: string): void };
}

/** Milliseconds and bytes that no request may exceed; a route may ask for less or, for uploads, for more. */
const limits = {
  connectionTimeout: 60_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
  pluginTimeout: 30_000,
  bodyLimit: 1024 * 1024,
};

/** Milliseconds a handler may take; a route whose answers take as long as they take says so. */
const handlerTimeout = 30_000;

/** Milliseconds that requests in flight get to end when the app closes. */
const closeWithin = 3000;

/** An app with everything each service relies on; it does not listen yet. */
export async function buildApp(options: AppOptions): Promise<App> {
  const proxies = trustedProxies(options.proxies ?? onThisMachine);
  const app: App = Fastify({
    ...limits,
    logger: loggerOptions(options.logLevel ?? "info", options.logStream),
    // One line a request, written by logRequests.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: proxies.trust,
    routerOptions: { maxParamLength: 512 },
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    return503OnClosing: true,
    forceCloseConnections: "idle",
    schemaController,
    frameworkErrors: refuseAddress,
    ajv: { customOptions: { allErrors: false, removeAdditional: false, coerceTypes: "array" } },
  }).withTypeProvider<TypeBoxTypeProvider>();

  // A browser keeps connections open on which it never asks anything; without this they would hold up the close.
  app.addHook("preClose", async () => void setTimeout(() => app.server.closeAllConnections(), closeWithin).unref());
  app.addSchema(ErrorAnswer);
  app.addHook("onRoute", (route) => {
    if (!route.config?.unhurried) route.handlerTimeout ??= handlerTimeout;
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  proxies.follow(app);
  forgetUnknownHosts(app, options.hosts ?? []);
  refuseUnreadableHosts(app);
  limitHooks(app);
  followRequests(app);
  app.decorate("audited", async () => {});
  await startTracing(app, options.version);
  handleErrors(app);
  logRequests(app);
  await describeApi(app, options.version, options.sessionCookie ?? "devflow_session");
  collectScopes(app, options.scopes ?? []);
  authenticateRoutes(app, options.verify ?? nobody);
  await limitRates(app, options.rateLimits ?? defaultRateLimits);
  measure(app);
  reportHealth(app, options.version);
  serveApiDescription(app);
  useContracts(app, options.peers);
  const hub = await serveLive(app);
  if (options.peers) app.provide(offersContract, offersOf(app));
  if (options.database) await mountWithDatabase(app, hub, options.database, options);
  else for (const service of options.services ?? []) await mount(app, { service, database: undefined });
  return app;
}

async function mountWithDatabase(app: App, hub: Hub, database: PoolOptions, options: AppOptions): Promise<void> {
  const owner = await createPool({ name: "devflow host", pipeline: false, ...database });
  app.readyWhen("database", () => owner.query("select 1"));
  const services = options.services ?? [];
  let prepared: readonly Prepared[] = [];
  let listener: Listener | undefined;
  let disconnected: Promise<void> | undefined;
  // Hooks run in the reverse order of their coming, so this one is last: services still write when they close.
  app.addHook("onClose", disconnect);
  try {
    const stores = services.filter((service) => service.migrations).length;
    const budget = await budgetOf(owner, stores, options.connections ?? {}, app.log);
    owner.options.max = budget.owner;
    prepared = await prepareDatabases(owner, database, services, budget);
    const stored = prepared.some(({ database }) => database);
    if (stored) listener = await openListener(owner, app.log);
    const sharing = listener && shareLive(app, hub, { owner, listener });
    if (listener) {
      app.decorate("listener", listener);
      serveAudit(app, owner);
      serveFeed(app, owner);
      serveFind(app);
    }
    for (const one of prepared) await mount(app, one);
    if (stored) {
      serveDeadLetters(app, owner);
      serveEvents(app, owner);
    }
    if (options.background ?? true) runInBackground(app, owner, prepared);
    // After the jobs, which may still tell of their end.
    app.addHook("preClose", async () => sharing?.close());
  } catch (error) {
    await disconnect();
    throw error;
  }

  function disconnect(): Promise<void> {
    disconnected ??= endPools();
    return disconnected;
  }

  /** A pool ends when each of its connections was given back, the listener's too. */
  async function endPools() {
    listener?.close();
    const pools = prepared.flatMap(({ database }) => (database ? [database.pool, database.background] : []));
    await Promise.all([owner, ...pools].map((pool) => pool.end()));
  }
}

/** Shares live messages with other hosts from when the app is ready. */
function shareLive(app: App, hub: Hub, by: { owner: Pool; listener: Listener }): { close(): Promise<void> } {
  let sharing: { close(): Promise<void> } | undefined;
  app.addHook("onReady", async () => {
    sharing = await shareBetweenHosts(hub, by, app.log);
  });
  return { close: async () => sharing?.close() };
}

declare module "fastify" {
  interface FastifyInstance {
    /** Hears what other hosts on the database tell. Only where a service has one. */
    listener: Listener;
  }
  interface FastifyContextConfig {
    /** Its handler may take as long as it wants, and minds the time itself. @default false */
    unhurried?: boolean;
  }
}
