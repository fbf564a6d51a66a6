import { forcedBy } from "./decide.ts";
import { refuseProtected, removeOne } from "./remove.ts";
import { pointsAt, type Resource } from "./resource.ts";
import type { Run } from "./run.ts";

/**
 * What has to go before `root` can be deleted for its replacement: the resources, not yet declared in this run, whose
 * own replacement is forced by a change of what they take from it, and theirs in turn. Users come before the used.
 */
export function mustGoFirst(run: Run, root: Resource): Resource[] {
  const roots = new Set([root.urn]);
  const found = new Map<string, Resource>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const resource of run.ledger.snapshot.resources.values()) {
      if (roots.has(resource.urn) || !resource.custom || run.declared.has(resource.urn)) continue;
      const provider = run.providers[resource.type];
      const keys = provider ? forcedBy(resource, roots, provider) : [];
      if (keys.length === 0) continue;
      run.mustReplace.set(resource.urn, keys);
      roots.add(resource.urn);
      found.set(resource.urn, resource);
      grown = true;
    }
  }
  return usersFirst(found);
}

/** Deletes them now; each is made anew when the program declares it. */
export async function removeFirst(run: Run, dependents: Resource[]): Promise<void> {
  for (const resource of dependents) refuseProtected(resource);
  for (const resource of dependents) {
    const gone = removeOne(run, resource).then(() => resource);
    run.goneFirst.set(
      resource.urn,
      gone.catch(() => undefined),
    );
    try {
      await gone;
    } catch (error) {
      for (const { urn } of dependents) if (!run.goneFirst.has(urn)) run.mustReplace.delete(urn);
      throw error;
    }
  }
}

// --- internal ---

function usersFirst(resources: Map<string, Resource>): Resource[] {
  const ordered: Resource[] = [];
  const seen = new Set<string>();
  const visit = (resource: Resource) => {
    if (seen.has(resource.urn)) return;
    seen.add(resource.urn);
    for (const one of resources.values()) if (pointsAt(one).includes(resource.urn)) visit(one);
    ordered.push(resource);
  };
  for (const resource of resources.values()) visit(resource);
  return ordered;
}
