import type { Answers } from "../kit/index.ts";
import type { knowledgeContract } from "./contract.ts";
import type { Knowledge } from "./knowledge.ts";

/** What the service answers to others, as its contract says. Each part is loaded when it is first asked. */
export function knowledgeAnswers(knowledge: Knowledge): Answers<typeof knowledgeContract.calls> {
  return {
    search: async ({ tenant, asked }, { signal }) =>
      (await import("./search/search.ts")).search(knowledge, tenant, asked, signal),
    readPage: async ({ tenant, page }) =>
      (await import("./store/page-read.ts")).readPage(knowledge.database, tenant, page),
    ask: async ({ tenant, asked }, { signal }) => (await import("./ask/ask.ts")).ask(knowledge, tenant, asked, signal),
  };
}
