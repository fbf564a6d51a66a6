import type { Decision, Provider } from "./decide.ts";
import { replaceKeys } from "./decide.ts";
import { mustGoFirst, removeFirst } from "./dependents.ts";
import { changes } from "./diff.ts";
import { call, contextOf, inSlot, started } from "./effect.ts";
import type { Step } from "./events.ts";
import type { Goal } from "./goal.ts";
import { markOutputs } from "./outputs.ts";
import { dispose } from "./pending.ts";
import type { Registered } from "./register.ts";
import { refuseProtected, removeOne } from "./remove.ts";
import type { Resource } from "./resource.ts";
import { diagnose, done, type Run } from "./run.ts";
import { toResource } from "./to-resource.ts";
import { hasUnknown, type Properties, revealAll, toProperties } from "./values.ts";

/** A decided change of one resource. */
export interface ResourceChange {
  goal: Goal;
  step: Step;
  provider: Provider;
  inputs: Properties;
  old: Resource | undefined;
  decision: Decision;
  /** The old one has been deleted already, since it was made from something that had to go. */
  goneFirst: boolean;
}

/** Does it: intent recorded, effect, result recorded. */
export async function applyChange(run: Run, change: ResourceChange, since: number): Promise<Registered> {
  const { goal, step, inputs, old, decision, goneFirst } = change;
  const resource = await inSlot(run, async () => {
    started(run, step);
    if (decision.op === "update" && old) {
      await settleFormer(run, change, false);
      return update(run, change, old);
    }
    const replaces = decision.op === "replace" && !goneFirst ? old : undefined;
    if (replaces) refuseProtected(goal);
    await settleFormer(run, change, true);
    if (!replaces || !decision.deleteFirst) return create(run, change, replaces);
    await removeFirst(run, mustGoFirst(run, replaces));
    await removeOne(run, replaces);
    return create(run, change, undefined);
  });
  done(run, step, since);
  return { urn: goal.urn, id: resource.id ?? "", properties: { ...inputs, ...resource.outputs }, unknown: false };
}

/** Says what it would give: what the provider knows before the effect; all other outputs are unknown. */
export function previewChange(run: Run, change: ResourceChange, since: number): Registered {
  const { goal, step, provider, inputs, old, decision, goneFirst } = change;
  if (decision.op === "replace" && old && !goneFirst) {
    refuseProtected(goal);
    if (decision.deleteFirst) for (const dependent of mustGoFirst(run, old)) refuseProtected(dependent);
  }
  done(run, step, since);
  const context = contextOf(run, goal.urn, run.hardSignal);
  const known = hasUnknown(inputs) ? {} : (provider.preview?.(revealAll(inputs), context) ?? {});
  const outputs = markOutputs(known, provider, goal.additionalSecretOutputs, inputs);
  run.secrets.note(outputs);
  const id = decision.op === "update" ? (old?.id ?? "") : "";
  return { urn: goal.urn, id, properties: { ...inputs, ...outputs }, unknown: false };
}

/**
 * A creation of the last run that did not end. When this run creates with inputs the same thing can have, creating it
 * again takes it over; else what it may have left is deleted first.
 */
export async function settleFormer(
  run: Run,
  { goal, provider, inputs }: Pick<ResourceChange, "goal" | "provider" | "inputs">,
  creates: boolean,
): Promise<void> {
  const former = run.ledger.snapshot.pending.get(goal.urn);
  if (former?.type !== "creating") return;
  const diff = changes(former.resource.inputs, inputs);
  const takesOver = creates && replaceKeys(diff, provider, goal.replaceOnChanges).length === 0;
  if (!takesOver) await dispose(run, former);
}

// --- internal ---

async function create(run: Run, change: ResourceChange, replaces: Resource | undefined): Promise<Resource> {
  const { goal, provider, inputs } = change;
  await finishDeletions(run, goal.urn);
  const intent = toResource(run, goal, inputs, { outputs: {} }, undefined);
  await run.ledger.record({ begin: { type: "creating", resource: intent } }, { durable: true });
  const made = await call(run, goal.urn, goal.timeouts.create, (context) =>
    provider.create(revealAll(inputs), context),
  );
  if (typeof made.id !== "string" || made.id === "") {
    throw new TypeError(`The provider of ${goal.type} gave no id for ${goal.name}.`);
  }
  const outputs = toProperties(made.outputs);
  const resource = toResource(run, goal, inputs, { id: made.id, outputs, provider }, undefined);
  if (replaces && replaces.id === made.id) {
    const why = `${goal.name} was replaced by one with the same id, so the old one is not deleted.`;
    diagnose(run, "warning", why, goal.urn);
  }
  const supersedes = replaces !== undefined && replaces.id !== made.id;
  await run.ledger.record(supersedes ? { replaced: resource } : { made: resource });
  if (supersedes) run.ownLeftovers.add(`${goal.urn} ${replaces.id}`);
  return resource;
}

/** Replaced ones that are half deleted must be gone before what may be the same thing is made again. */
async function finishDeletions(run: Run, urn: string): Promise<void> {
  const { superseded, pending } = run.ledger.snapshot;
  for (const old of superseded) {
    if (old.urn === urn && pending.has(`${urn} ${old.id ?? ""}`)) await removeOne(run, old);
  }
}

async function update(run: Run, { goal, provider, inputs }: ResourceChange, old: Resource): Promise<Resource> {
  const { id = "" } = old;
  const intent = toResource(run, goal, inputs, { id, outputs: old.outputs }, old);
  await run.ledger.record({ begin: { type: "updating", resource: intent } }, { durable: true });
  const before = { inputs: revealAll(old.inputs), outputs: revealAll(old.outputs) };
  const outputs = await call(run, goal.urn, goal.timeouts.update, (context) =>
    provider.update?.(id, revealAll(inputs), before, context),
  );
  const resource = toResource(run, goal, inputs, { id, outputs: toProperties(outputs ?? {}), provider }, old);
  await run.ledger.record({ made: resource });
  return resource;
}
