import type { Tenant, Transaction } from "../../kit/index.ts";
import type { Generation } from "../embed/generation.ts";

/** What is looked for. */
export interface IndexQuery {
  /** Words, the rarer the better; exact phrases that must be there, and that must not. */
  words: string;
  must: readonly string[];
  never: readonly string[];
  /** The question as a vector of the generation that serves; undefined: by words only. */
  vector?: QueryVector | undefined;
  filter: IndexFilter;
  /** Chunks wanted. */
  limit: number;
}

export interface QueryVector {
  generation: Pick<Generation, "id" | "dimension">;
  values: readonly number[];
  /** What is farther has nothing to do with it. Cosine distance, 0 to 2; undefined: the nearest, however far. */
  within?: number | undefined;
}

export interface IndexFilter {
  /** Undefined: all. */
  sources?: readonly string[] | undefined;
  kinds?: readonly string[] | undefined;
  /** Beginning of the page's address. */
  prefix?: string | undefined;
}

/** A chunk and how well it fits; ranks count from 1 in the list that found it. */
export interface Scored {
  chunk: string;
  score: number;
  words?: number;
  vector?: number;
  /** Of its meaning to the question's: cosine, as far as it was found by it. */
  similarity?: number;
}

/** What was found, and what whoever asked should know of how. */
export interface Found {
  scored: Scored[];
  note?: string | undefined;
}

/**
 * Where chunks are searched. PostgreSQL holds them in any case, and is the index of every stack that needs no other; a
 * larger stack searches in Vespa (vespa/vespa.ts). What an index answers is always read from PostgreSQL under row-level
 * security, so none can show what belongs to others.
 */
export interface Index {
  /** Takes vectors of chunks; those that are gone by now are left out. */
  put(tenant: Tenant, generation: Generation, entries: readonly Entry[]): Promise<void>;
  search(tenant: Tenant, query: IndexQuery): Promise<Found>;
  /** Called in each transaction that adds or deletes chunks or generations. PostgreSQL needs none of it. */
  changed?(tx: Transaction): Promise<void>;
  /** Called in each transaction that changes what chunks of a generation are found by. PostgreSQL needs none of it. */
  touched?(tx: Transaction, generation: string, chunks: readonly string[]): Promise<void>;
  /** How far an index outside of PostgreSQL follows it. */
  status?(tenant: Tenant): Promise<IndexStatus>;
  close?(): Promise<void>;
}

export interface Entry {
  chunk: string;
  vector: readonly number[];
  /** Vectors of the things it says, where it says several. */
  parts: readonly (readonly number[])[];
}

export interface IndexStatus {
  /** Whether it answers the searches; else PostgreSQL does. */
  serves: boolean;
  /** Chunks that it does not have yet, or still has. */
  waiting: number;
  /** Why it does not serve, where that is not a matter of time. */
  note?: string;
}
