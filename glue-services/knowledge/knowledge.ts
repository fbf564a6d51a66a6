import type { App, Database, Job, Tenant } from "../kit/index.ts";
import type { Embeddings } from "./embed/embeddings.ts";
import type { SafeFetch } from "./fetch/fetch.ts";
import type { GitAccess } from "./git/gitea.ts";
import type { Index } from "./index/index.ts";
import type { Reader } from "./read/reader.ts";

/** What the parts of the service share; made once, when it is mounted. */
export interface Knowledge {
  app: App;
  database: Database;
  embeddings: Embeddings;
  index: Index;
  reader: Reader;
  fetch: SafeFetch;
  /** Undefined on a stack without Gitea. */
  git: GitAccess | undefined;
  /** Where Gitea reaches this host, without a slash at its end; undefined: it cannot, and pushes are not heard. */
  hooksAt: string | undefined;
  patience: Patience;
  jobs: { read: Job; embed: Job; terms: Job };
  /** Tells open pages that something is other than it was. */
  tell(tenant: Tenant, changed: Changed): void;
}

/** Milliseconds a search waits for a model before it goes on without. */
export interface Patience {
  /** For the vector of the question; one model loads in a second or two. */
  embedding: number;
  /** For a model to order the hits. */
  reranking: number;
}

/** What changed; a page asks for it anew. */
export interface Changed {
  source?: string;
  project?: string;
  settings?: true;
}
