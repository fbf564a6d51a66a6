import { type Static, Type } from "typebox";
import { Pending, pendingKey, pointsAt, Resource } from "./resource.ts";

/** All that is known of a stack. */
export interface Snapshot {
  resources: Map<string, Resource>;
  /** Replaced ones that are still there. */
  superseded: Resource[];
  pending: Map<string, Pending>;
}

/** A change of the snapshot, as the journal records it. */
export const Entry = Type.Union([
  Type.Object({ begin: Pending }),
  /** The pending effect is settled and left nothing. */
  Type.Object({ settled: Type.String() }),
  Type.Object({ put: Resource }),
  /** The result of the pending creation or update. */
  Type.Object({ made: Resource }),
  /** The new resource takes the place of the one that had its URN, which waits to be deleted. */
  Type.Object({ replaced: Resource }),
  Type.Object({ removed: Type.Object({ urn: Type.String(), id: Type.String(), superseded: Type.Boolean() }) }),
  Type.Object({ renamed: Type.Object({ from: Type.String(), to: Type.String() }) }),
]);
export type Entry = Static<typeof Entry>;

export function emptySnapshot(): Snapshot {
  return { resources: new Map(), superseded: [], pending: new Map() };
}

export function apply(snapshot: Snapshot, entry: Entry): void {
  const { resources, pending } = snapshot;
  if ("begin" in entry) pending.set(pendingKey(entry.begin), entry.begin);
  else if ("settled" in entry) pending.delete(entry.settled);
  else if ("renamed" in entry) rename(snapshot, entry.renamed.from, entry.renamed.to);
  else if ("removed" in entry) {
    const { urn, id, superseded } = entry.removed;
    pending.delete(`${urn} ${id}`);
    if (superseded) snapshot.superseded = snapshot.superseded.filter((old) => old.urn !== urn || old.id !== id);
    else resources.delete(urn);
    // What was half updated is gone with it; a creation that was begun for its place is not.
    if (!superseded && pending.get(urn)?.type === "updating") pending.delete(urn);
  } else {
    const resource = "put" in entry ? entry.put : "made" in entry ? entry.made : entry.replaced;
    const old = resources.get(resource.urn);
    if ("replaced" in entry && old) snapshot.superseded.push({ ...old, delete: true, protect: false });
    resources.set(resource.urn, resource);
    if (!("put" in entry)) pending.delete(resource.urn);
  }
}

/** Resources so that each comes after all it points at, as Pulumi's deployments have it. */
export function inOrder(snapshot: Snapshot): Resource[] {
  const done = new Set<string>();
  const ordered: Resource[] = [];
  const visit = (resource: Resource) => {
    if (done.has(resource.urn)) return;
    done.add(resource.urn);
    for (const urn of pointsAt(resource)) {
      const before = snapshot.resources.get(urn);
      if (before) visit(before);
    }
    ordered.push(resource);
  };
  for (const resource of snapshot.resources.values()) visit(resource);
  return ordered;
}

// --- internal ---

function rename(snapshot: Snapshot, from: string, to: string): void {
  const swap = (urn: string) => (urn === from ? to : urn);
  const renamed = (resource: Resource): Resource => ({
    ...resource,
    urn: swap(resource.urn),
    dependencies: resource.dependencies.map(swap),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, urns.map(swap)]),
    ),
    ...(resource.parent === undefined ? {} : { parent: swap(resource.parent) }),
    ...(resource.deletedWith === undefined ? {} : { deletedWith: swap(resource.deletedWith) }),
  });
  snapshot.resources = new Map([...snapshot.resources.values()].map((old) => [swap(old.urn), renamed(old)]));
  snapshot.superseded = snapshot.superseded.map(renamed);
  const pending = [...snapshot.pending.values()].map((one) => ({ ...one, resource: renamed(one.resource) }));
  snapshot.pending = new Map(pending.map((one) => [pendingKey(one), one]));
}
