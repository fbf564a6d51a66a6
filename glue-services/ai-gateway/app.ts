import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App, Service } from "../kit/index.ts";
import { factsContract, whoOf } from "../projects/contract.ts";
import { openCache } from "./cache/cache.ts";
import type { Gateway } from "./call/context.ts";
import { callersOf } from "./callers.ts";
import { aiGatewayContract, gatewayChannel } from "./contract.ts";
import { type LocalFiles, openEmbedder } from "./embed/embedder.ts";
import { filesIn } from "./embed/files.ts";
import { feed } from "./feed.ts";
import { forgetAnswers, forgetUsage } from "./jobs.ts";
import { openLedger } from "./limits/ledger.ts";
import { measureGateway } from "./metrics.ts";
import { followProjects, tellOfProject } from "./projects.ts";
import { openHealth } from "./providers/health.ts";
import { fromSecrets, hasSecret, providerKeys, type ReadKey } from "./providers/keys.ts";
import { openLists } from "./providers/lists.ts";
import { openPools } from "./providers/provider.ts";
import { budgetRoutes } from "./routes/budgets.ts";
import { checkRoutes } from "./routes/check.ts";
import { keyRoutes } from "./routes/keys.ts";
import { modelRoutes } from "./routes/models.ts";
import { policyRoutes } from "./routes/policy.ts";
import { routingRoutes } from "./routes/routing.ts";
import { usageRoutes } from "./routes/usage.ts";
import { wireRoutes } from "./routes/wire.ts";
import { breaker } from "./routing/breaker.ts";
import { planner } from "./routing/plan.ts";
import type { ProviderGiven } from "./schemas.ts";
import { openSpool } from "./usage/spool.ts";
import { openRecords } from "./watch/records.ts";
import { openTraffic } from "./watch/traffic.ts";

export interface AiGatewayOptions {
  /** Providers of the whole platform. @default [] */
  providers?: readonly ProviderGiven[];
  /** Folder of rows of usage that are not in the database yet. @default one below the temporary folder */
  spool?: string;
  /** Bytes it may take. @default 256 MiB */
  spoolBytes?: number;
  /** Artifacts for embeddings on this machine, or a file that will say where they are. @default there are none */
  local?: LocalFiles | string | undefined;
  /** How a provider's key is read. @default from the secrets of the host */
  readKey?: ReadKey;
}

/** AOSentry: every call of a language model goes through it. */
export function aiGateway(options: AiGatewayOptions = {}): Service {
  return {
    name: "ai_gateway",
    feed,
    migrations: new URL("migrations/", import.meta.url),
    jobs: [forgetUsage, forgetAnswers],
    subscriptions: followProjects,
    async register(app) {
      const { database } = app;
      app.provide(aiGatewayContract, {});
      const spool = await openSpool({
        public: options.spool === undefined,
        folder: options.spool ?? join(tmpdir(), `devflow-usage-${process.getuid?.() ?? 0}`),
        bound: options.spoolBytes ?? 256 * 1024 * 1024,
        write: (rows) => database.background.query("select ai_gateway.meter($1::json)", [rows]),
        failed: (error) => app.log.warn({ err: error }, "usage waits on disk"),
        onAside: (rows, code) => app.log.error({ rows, code }, "rows of usage cannot be written and were set aside"),
      });
      const circuits = breaker();
      const records = openRecords(database, app.log);
      const embedder = options.local ? openEmbedder(filesIn(options.local)) : undefined;
      const pools = openPools();
      const keys = providerKeys(options.readKey ?? fromSecrets(app));
      const plans = planner(options.providers ?? []);
      // Whoever reads keys from elsewhere knows by themselves whether one is there.
      const has = options.readKey ? async () => true : hasSecret(app);
      const gateway: Gateway = {
        app,
        database,
        callers: callersOf(app, database, plans.findKeyless(has)),
        planner: plans,
        health: openHealth(database),
        pools,
        keys,
        lists: openLists(pools, keys),
        breaker: circuits,
        ledger: openLedger(database, () => spool.drain()),
        spool,
        metrics: measureGateway(app.metrics, { spool, breaker: circuits, records }),
        cache: openCache(database, embedder, app.log),
        records,
        embedder,
        tell: openTraffic(app),
      };
      app.provide(factsContract("ai-gateway"), {
        projectFacts: ({ who, project }) => tellOfProject(database, whoOf(who), project),
      });
      await wireRoutes(app, gateway);
      const heard = () => {
        gateway.callers.doubt();
        gateway.keys.doubt();
        gateway.ledger.doubt();
      };
      // A scope of their own, since hooks hold for every route below: a call to a model changes no settings.
      await app.register(async (scope) => {
        // Who changed something finds it changed with the answer; other hosts hear of it a moment later.
        scope.addHook("onSend", async ({ method }) => {
          if (method !== "GET") heard();
        });
        const managed = scope as App;
        modelRoutes(managed, gateway);
        keyRoutes(managed);
        budgetRoutes(managed);
        routingRoutes(managed, gateway);
        checkRoutes(managed, gateway);
        policyRoutes(managed, gateway);
        usageRoutes(managed, gateway);
      });

      const others = await app.listener.on(gatewayChannel, heard);
      const sweeping = setInterval(() => void gateway.ledger.sweep().catch(() => {}), 10_000);
      app.addHook("preClose", async () => {
        clearInterval(sweeping);
        others.close();
      });
      app.addHook("onClose", async () => {
        await gateway.embedder?.close();
        await gateway.pools.close();
        await records.close();
        await spool.close();
      });
    },
  };
}
