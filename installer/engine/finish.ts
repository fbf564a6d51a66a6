import type { Step } from "./events.ts";
import { disposeUndeclared } from "./pending.ts";
import { type Removal, removeAll } from "./remove.ts";
import type { Resource } from "./resource.ts";
import { type Run, stepOf } from "./run.ts";
import { urnName } from "./urn.ts";

/**
 * After the program: deletes what it declares no more, and what was replaced. Not when anything failed or was
 * interrupted, since what could not be declared would be taken for gone.
 */
export async function prune(run: Run): Promise<void> {
  if (run.failed.length > 0 || run.interrupted || run.signal.aborted) {
    run.interrupted ||= run.signal.aborted;
    return;
  }
  const { snapshot } = run.ledger;
  await disposeUndeclared(run);
  await tellGoneFirst(run);
  const undeclared = [...snapshot.resources.values()].filter(({ urn }) => !run.declared.has(urn));
  await removeAll(
    run,
    [...undeclared, ...snapshot.superseded].map((resource) => removal(run, resource)),
  );
}

/** Everything goes; without the program. */
export async function destroy(run: Run): Promise<void> {
  const { snapshot } = run.ledger;
  await disposeUndeclared(run);
  await removeAll(
    run,
    [...snapshot.resources.values(), ...snapshot.superseded].map((resource) => removal(run, resource)),
  );
}

// --- internal ---

/** What was replaced in this run is deleted under the name of its replacement, without a step of its own. */
function removal(run: Run, resource: Resource): Removal {
  if (!run.ownLeftovers.has(`${resource.urn} ${resource.id ?? ""}`)) {
    return { resource, step: stepOf(run, resource, "delete") };
  }
  const { urn, type, custom } = resource;
  const step: Step = {
    ...{ urn, type, custom, name: urnName(urn), op: "delete", status: "planned" },
    ...{ diff: [], replaceKeys: [], dependencies: [] },
  };
  return { resource, step };
}

/** Deleted before something it was made from could be replaced, and then not declared again. */
async function tellGoneFirst(run: Run): Promise<void> {
  for (const [urn, removing] of run.goneFirst) {
    const resource = await removing;
    if (resource && !run.declared.has(urn)) stepOf(run, resource, "delete").status = "done";
  }
}
