import type { App, Tenant } from "../kit/index.ts";
import type { Answered, Asked } from "./ask/ask.ts";
import type { Knowledge } from "./knowledge.ts";
import type { SearchAsked, SearchTold } from "./schemas.ts";
import type { PageRead } from "./store/page-read.ts";

// What other services may use of the knowledge hub: import this file and nothing else of it. What agents may do with it
// is the service's `tools`, which the kit offers to whoever serves them (kit/tool.ts: toolsOf).

export type { Answered, Asked, PageRead, SearchAsked, SearchTold };

export interface KnowledgeHub {
  /** Finds passages of the tenant's sources, by words and meaning. */
  search(tenant: Tenant, asked: SearchAsked, signal?: AbortSignal): Promise<SearchTold>;
  /** A whole page that a search named. @throws ApiError NOT_FOUND */
  readPage(tenant: Tenant, id: string): Promise<PageRead>;
  /** Answers with citations, or says that nothing was found. @throws ApiError UNAVAILABLE where no model answers */
  ask(tenant: Tenant, asked: { question: string }, signal?: AbortSignal): Promise<Answered>;
}

const hubs = new WeakMap<object, Knowledge>();

/** The knowledge hub of the host that this app is part of; undefined where it is not mounted. */
export function knowledgeOf(app: App): KnowledgeHub | undefined {
  const knowledge = hubs.get(app.server);
  return (
    knowledge && {
      search: async (...args) => (await import("./search/search.ts")).search(knowledge, ...args),
      readPage: async (...args) => (await import("./store/page-read.ts")).readPage(knowledge.database, ...args),
      ask: async (...args) => (await import("./ask/ask.ts")).ask(knowledge, ...args),
    }
  );
}

/** The service's own, when it is mounted. */
export function provideKnowledge(app: App, knowledge: Knowledge): void {
  hubs.set(app.server, knowledge);
}
