import { look } from "./look.ts";
import type { Resource } from "./resource.ts";
import { done, fail, type Run, stepOf } from "./run.ts";

/** Compares all resources with what is really there. What is gone leaves the state, so that the next `up` makes it. */
export async function refreshAll(run: Run): Promise<void> {
  const managed = [...run.ledger.snapshot.resources.values()].filter(({ custom, external }) => custom && !external);
  await Promise.all(managed.map((resource) => refreshOne(run, resource)));
}

// --- internal ---

async function refreshOne(run: Run, resource: Resource): Promise<void> {
  const step = stepOf(run, resource, "read");
  const since = performance.now();
  try {
    const { gone } = await look(run, resource);
    const { urn, id = "" } = resource;
    if (gone) await run.ledger.record({ removed: { urn, id, superseded: false } });
    done(run, step, since);
  } catch (error) {
    fail(run, step, error);
  }
}
