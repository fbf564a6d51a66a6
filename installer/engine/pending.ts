import { call, inSlot, started } from "./effect.ts";
import type { Pending, Resource } from "./resource.ts";
import { pendingKey } from "./resource.ts";
import { diagnose, done, fail, providerOf, type Run, stepOf } from "./run.ts";
import { urnName } from "./urn.ts";
import { type Properties, revealAll, toProperties } from "./values.ts";

/** Creations that were begun and are declared no more: what they may have left is deleted. */
export async function disposeUndeclared(run: Run): Promise<void> {
  const left = [...run.ledger.snapshot.pending.values()].filter(
    ({ type, resource }) => type === "creating" && !run.declared.has(resource.urn),
  );
  await Promise.all(
    left.map(async (pending) => {
      const step = stepOf(run, pending.resource, "delete");
      const since = performance.now();
      try {
        if (!run.dry) {
          await inSlot(run, async () => {
            started(run, step);
            await dispose(run, pending);
          });
        }
        done(run, step, since);
      } catch (error) {
        fail(run, step, error);
      }
    }),
  );
}

/** Deletes what a creation that was cut off, or failed, may have left. */
export async function dispose(run: Run, pending: Pending): Promise<void> {
  const { resource } = pending;
  // What is to outlive its resource may well have been there before the creation that was cut off.
  const made = resource.retainOnDelete ? undefined : await identity(run, resource);
  if (made && !isKnown(run, resource, made.id)) {
    const provider = providerOf(run, resource.type);
    const inputs = revealAll(resource.inputs);
    await call(run, resource.urn, undefined, (context) => provider.delete(made.id, inputs, made.outputs, context));
  }
  await run.ledger.record({ settled: pendingKey(pending) });
}

// --- internal ---

async function identity(run: Run, { urn, type, inputs }: Resource) {
  const provider = providerOf(run, type);
  const plain = revealAll(inputs);
  if (provider.identify) {
    const identify = provider.identify;
    return call(run, urn, undefined, (context) => {
      const outputs: Properties = toProperties(provider.preview?.(plain, context) ?? {});
      return { id: identify(plain, context), outputs };
    });
  }
  try {
    return await call(run, urn, undefined, (context) => provider.create(plain, context));
  } catch (error) {
    if (run.hardSignal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const message = `${urnName(urn)} (${type}) could neither be made nor removed, and is forgotten: ${why}`;
    diagnose(run, "warning", message, urn);
    return undefined;
  }
}

/** A thing that a resource of the state stands for is that one's to delete, whatever was begun with the same identity. */
function isKnown(run: Run, { type }: Resource, id: string): boolean {
  const { resources, superseded } = run.ledger.snapshot;
  return [...resources.values(), ...superseded].some((one) => one.type === type && one.id === id);
}
