import { Type } from "typebox";
import { call, contract, GivenTenant } from "../kit/index.ts";
import { Answered, Asked, PageRead, SearchAsked, SearchTold } from "./schemas.ts";

// What other services may use of the knowledge hub: import this file and nothing else of it. What agents may do with it
// is the service's `tools`, which the kit offers to whoever serves them (kit/tool.ts: toolsOf).

export { Answered, PageRead, SearchAsked, SearchTold };

const ofTenant = { tenant: GivenTenant };

export const knowledgeContract = contract("knowledge", {
  /** Finds passages of the tenant's sources, by words and meaning. */
  search: call({
    input: Type.Object({ ...ofTenant, asked: SearchAsked }),
    output: SearchTold,
    idempotent: true,
    deadline: 60_000,
  }),
  /** A whole page that a search named. @throws ApiError NOT_FOUND */
  readPage: call({ input: Type.Object({ ...ofTenant, page: Type.String() }), output: PageRead, idempotent: true }),
  /** Answers with citations, or says that nothing was found. @throws ApiError UNAVAILABLE where no model answers */
  ask: call({
    input: Type.Object({ ...ofTenant, asked: Asked }),
    output: Answered,
    deadline: 180_000,
  }),
});
