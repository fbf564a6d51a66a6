import { DevflowError } from "../../components/error.ts";
import { call, inSlot, started } from "./effect.ts";
import type { Step } from "./events.ts";
import { pointsAt, type Resource } from "./resource.ts";
import { diagnose, done, fail, providerOf, type Run, skip } from "./run.ts";
import { urnName } from "./urn.ts";
import { revealAll } from "./values.ts";

/** A resource that is to go, and the step it is told under. */
export interface Removal {
  resource: Resource;
  step: Step;
}

/**
 * Deletes resources in parallel, each after those that point at it. One that cannot be deleted keeps what it points at,
 * and nothing else.
 */
export async function removeAll(run: Run, removals: Removal[]): Promise<void> {
  const left = new Set(removals);
  const kept: Resource[] = [];
  const users = usersOf(removals);
  const running = new Map<Removal, Promise<void>>();
  while (left.size > 0) {
    const ready = [...left].filter((one) => !running.has(one) && !users.get(one)?.size);
    // Replacements may have turned dependencies around; where that leaves a circle any order is as good.
    if (ready.length === 0 && running.size === 0) ready.push([...left][0] as Removal);
    for (const removal of ready) {
      const work = remove(removal).finally(() => {
        running.delete(removal);
        left.delete(removal);
        for (const waiting of users.values()) waiting.delete(removal);
      });
      running.set(removal, work);
    }
    await Promise.race(running.values());
  }

  async function remove({ resource, step }: Removal): Promise<void> {
    const user = kept.find((one) => pointsAt(one).includes(resource.urn));
    if (user) {
      kept.push(resource);
      return skip(run, step, user.urn);
    }
    try {
      const since = performance.now();
      refuseProtected(resource);
      if (!run.dry) await inSlot(run, () => removeOne(run, resource, { step, withOwner: removals }));
      done(run, step, since);
    } catch (error) {
      kept.push(resource);
      fail(run, step, error);
    }
  }
}

/** Deletes one resource, intent first. Fine when it was half deleted before. */
export async function removeOne(
  run: Run,
  resource: Resource,
  { step, withOwner = [] }: { step?: Step; withOwner?: Removal[] } = {},
): Promise<void> {
  const { urn, type, id = "", inputs, outputs } = resource;
  const owned = withOwner.some(({ resource: one }) => one.urn === resource.deletedWith);
  const removed = { removed: { urn, id, superseded: resource.delete === true } };
  const heir = resource.custom ? sameThing(run, resource) : undefined;
  if (heir) diagnose(run, "info", `${urnName(urn)} is kept: it is now ${heir.urn}.`, urn);
  if (!resource.custom || resource.external || resource.retainOnDelete || owned || heir) {
    return run.ledger.record(removed);
  }
  const provider = providerOf(run, type);
  if (step && step.status !== "running") started(run, step);
  await run.ledger.record({ begin: { type: "deleting", resource } }, { durable: true });
  await call(run, urn, undefined, (context) => provider.delete(id, revealAll(inputs), revealAll(outputs), context));
  await run.ledger.record(removed);
}

/** @throws DevflowError ABORTED for a resource with the option `protect`. */
export function refuseProtected({ urn, protect }: Pick<Resource, "urn" | "protect">): void {
  if (!protect) return;
  throw new DevflowError("ABORTED", `${urn} is protected and would have to be deleted.`, {
    hint: "Remove its option `protect`, run `up` once, and try again.",
  });
}

/**
 * The present resource, if any, that stands for the same real thing: a program went back to a name that was waiting to be
 * deleted, or declares it under another name. Deleting it for the one would take it from the other.
 */
export function sameThing(run: Run, { urn, type, id, delete: superseded }: Resource): Resource | undefined {
  if (id === undefined) return undefined;
  return [...run.ledger.snapshot.resources.values()].find(
    (one) => one.type === type && one.id === id && !one.external && (superseded === true || one.urn !== urn),
  );
}

// --- internal ---

/** For each removal those that point at it, and so go before it. */
function usersOf(removals: Removal[]): Map<Removal, Set<Removal>> {
  const byUrn = Map.groupBy(removals, ({ resource }) => resource.urn);
  const users = new Map(removals.map((removal) => [removal, new Set<Removal>()]));
  for (const removal of removals) {
    for (const used of pointsAt(removal.resource).flatMap((urn) => byUrn.get(urn) ?? [])) users.get(used)?.add(removal);
  }
  return users;
}
