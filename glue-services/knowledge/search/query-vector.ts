import type { Tenant } from "../../kit/index.ts";
import { type Generation, liveGenerations } from "../embed/generation.ts";
import { shifted } from "../embed/unrelated.ts";
import type { Knowledge } from "../knowledge.ts";

export interface QueryVector {
  found?: { generation: Generation; values: readonly number[] };
  /** Why there is none, or what it lacks. */
  note?: string;
}

/**
 * The vector of a question by the model that serves, or by the one being built where the former is gone. Both together
 * have `patience.embedding`; whatever goes wrong is a note. Throws only what the caller's own signal was aborted with.
 */
export async function queryVector(
  { database, embeddings, patience }: Knowledge,
  tenant: Tenant,
  words: string,
  signal: AbortSignal | undefined,
): Promise<QueryVector> {
  if (words === "") return {};
  const [serving, building] = await database.readTenant(tenant, liveGenerations);
  if (serving === undefined) return {};
  if (serving.state !== "serving") return { note: "Found by words only, until all has been embedded." };
  const deadline = AbortSignal.timeout(patience.embedding);
  const waiting = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const first = await vectorBy(serving);
  // The model that served may be gone, with an older version of the platform: the next one has part of it already.
  if (first.found || !building || deadline.aborted) return first;
  const next = await vectorBy(building);
  return next.found ? { ...next, note: "All is being embedded anew; what is not yet, is found by its words." } : first;

  async function vectorBy(generation: Generation): Promise<QueryVector> {
    const { model, dimension } = generation;
    try {
      const how = { as: "query", signal: waiting } as const;
      const embedded = await embeddings.embed(tenant.organisation, model, [words], how);
      const [values] = embedded.vectors;
      if (!values || values.length !== dimension || embedded.model !== model) {
        return { note: `The model ${model} is not what it was; found by words only until all is embedded anew.` };
      }
      return { found: { generation, values: shifted(values, generation.centre) } };
    } catch (error) {
      signal?.throwIfAborted();
      return { note: `Found by words only. ${deadline.aborted ? late(model) : messageOf(error)}` };
    }
  }

  function late(model: string): string {
    return `The model ${model} did not embed the question within ${patience.embedding / 1000} s.`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
