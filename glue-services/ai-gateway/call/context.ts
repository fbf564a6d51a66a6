import type { App, Database } from "../../kit/index.ts";
import type { AnswerCache } from "../cache/cache.ts";
import type { Caller, Callers } from "../callers.ts";
import type { Embedder } from "../embed/embedder.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { HealthBook } from "../providers/health.ts";
import type { ProviderKeys } from "../providers/keys.ts";
import type { ModelLists } from "../providers/lists.ts";
import type { Pools } from "../providers/provider.ts";
import type { Breaker } from "../routing/breaker.ts";
import type { Planner } from "../routing/plan.ts";
import type { Spool } from "../usage/spool.ts";
import type { UsageRow } from "../usage/usage.ts";
import type { Records } from "../watch/records.ts";

/** What a call goes through; made once, when the service is mounted. */
export interface Gateway {
  app: App;
  database: Database;
  callers: Callers;
  planner: Planner;
  pools: Pools;
  keys: ProviderKeys;
  lists: ModelLists;
  /** What each provider said last. */
  health: HealthBook;
  breaker: Breaker;
  ledger: Ledger;
  spool: Spool;
  metrics: GatewayMetrics;
  cache: AnswerCache;
  records: Records;
  /** Undefined where the artifacts of local embeddings are not there. */
  embedder: Embedder | undefined;
  /** Tells live pages of a call. */
  tell(row: UsageRow, caller: Caller): void;
}
