import { isDeepStrictEqual } from "node:util";
import { DevflowError } from "../../components/error.ts";
import { applyChange, previewChange, settleFormer } from "./change.ts";
import { checkInputs } from "./check.ts";
import { decide, type Provider } from "./decide.ts";
import { changes } from "./diff.ts";
import { inSlot } from "./effect.ts";
import type { Goal } from "./goal.ts";
import { lookIfPossible } from "./look.ts";
import { withIgnored } from "./path.ts";
import type { Resource } from "./resource.ts";
import { done, fail, newStep, providerOf, type Run, redactDiff, skip } from "./run.ts";
import { toResource } from "./to-resource.ts";
import { mapValue, type Properties, unknown } from "./values.ts";

/** What the program is told of a resource it has declared. */
export interface Registered {
  urn: string;
  /** Empty when it is not known. */
  id: string;
  properties: Properties;
  /** It failed or was skipped: everything about it stays unknown, so that dependents are declared too, and skipped. */
  unknown: boolean;
}

/** Brings about one resource the program declares; never throws. `refuse` throws for what is not supported. */
export async function register(run: Run, goal: Goal, refuse: () => void): Promise<Registered> {
  const { urn, type, custom, parent, dependencies, inputs } = goal;
  const since = performance.now();
  const step = newStep(run, { urn, type, custom, op: "same", dependencies, ...(parent ? { parent } : {}) });
  try {
    refuse();
    refuseTwice(run, goal);
    run.declared.add(urn);
    run.secrets.note(inputs);
    const old = await adopt(run, goal);
    const waitsFor = [parent, ...dependencies].find((one) => one !== undefined && run.broken.has(one));
    if (waitsFor !== undefined) {
      step.op = old ? "same" : "create";
      skip(run, step, waitsFor);
      return broken(goal);
    }
    return custom ? await registerCustom() : await registerComponent(old);
  } catch (error) {
    fail(run, step, error);
    return broken(goal);
  }

  async function registerComponent(old: Resource | undefined): Promise<Registered> {
    step.diff = redactDiff(run, changes(old?.inputs ?? {}, inputs));
    step.op = old === undefined ? "create" : step.diff.length > 0 ? "update" : "same";
    await keep(run, toResource(run, goal, inputs, { outputs: old?.outputs ?? {} }, old), old);
    done(run, step, since);
    return { urn, id: "", properties: inputs, unknown: false };
  }

  async function registerCustom(): Promise<Registered> {
    const provider = providerOf(run, type);
    const { snapshot } = run.ledger;
    const goneFirst = await run.goneFirst.get(urn);
    const stored = goneFirst ?? managed(snapshot.resources.get(urn));
    const wanted = stored ? withIgnored(inputs, stored.inputs, goal.ignoreChanges) : inputs;
    checkInputs(provider.inputs, type, goal.name, wanted);
    const seen = stored && !goneFirst && run.refresh ? await lookIfPossible(run, stored) : undefined;
    const old = seen?.resource ?? stored;
    const decision = decide({
      ...goal,
      inputs: wanted,
      provider,
      old,
      gone: seen?.gone ?? false,
      interrupted: interruptedOf(run, old),
      mustReplace: run.mustReplace.get(urn),
    });
    Object.assign(step, { op: decision.op, diff: redactDiff(run, decision.diff), replaceKeys: decision.replaceKeys });
    const change = { goal, step, provider, inputs: wanted, old, decision, goneFirst: goneFirst !== undefined };
    if (decision.op === "same" && old) return same(old, wanted, provider);
    return run.dry ? previewChange(run, change, since) : applyChange(run, change, since);
  }

  async function same(old: Resource, wanted: Properties, provider: Provider): Promise<Registered> {
    const { id, outputs } = old;
    // The program went back to what it was while the replacement was being made.
    if (run.ledger.snapshot.pending.get(urn)?.type === "creating" && !run.dry) {
      await inSlot(run, () => settleFormer(run, { goal, provider, inputs: wanted }, false));
    }
    const resource = toResource(run, goal, wanted, { id, outputs, provider }, old);
    await keep(run, resource, old);
    done(run, step, since);
    return { urn, id: id ?? "", properties: { ...wanted, ...resource.outputs }, unknown: false };
  }
}

// --- internal ---

function refuseTwice(run: Run, { urn }: Goal): void {
  if (!run.declared.has(urn)) return;
  throw new DevflowError("CONFIG_INVALID", `${urn} is declared twice.`, {
    hint: "Give one of the two resources another name.",
  });
}

/** The stored resource under its URN, brought over from a former one that the program names as an alias. */
async function adopt(run: Run, { urn, aliases }: Goal): Promise<Resource | undefined> {
  const { snapshot } = run.ledger;
  const present = snapshot.resources.get(urn);
  if (present) return present;
  const from = aliases.find((alias) => snapshot.resources.has(alias) && !run.declared.has(alias));
  if (from === undefined) return undefined;
  await run.ledger.record({ renamed: { from, to: urn } });
  return run.ledger.snapshot.resources.get(urn);
}

/** A resource that was only read so far has nothing that an update or a deletion may touch. */
function managed(resource: Resource | undefined): Resource | undefined {
  return resource?.external ? undefined : resource;
}

function interruptedOf(run: Run, old: Resource | undefined): "updating" | "deleting" | undefined {
  if (old === undefined) return undefined;
  const { pending } = run.ledger.snapshot;
  if (pending.has(`${old.urn} ${old.id ?? ""}`)) return "deleting";
  return pending.get(old.urn)?.type === "updating" ? "updating" : undefined;
}

/** Records what has changed about a resource that itself has not: dependencies, options, secret marks. */
async function keep(run: Run, resource: Resource, old: Resource | undefined): Promise<void> {
  const { modified: _, ...now } = resource;
  const { modified: __, ...before } = old ?? {};
  if (!isDeepStrictEqual(now, before)) await run.ledger.record({ put: resource });
}

function broken({ urn, inputs }: Goal): Registered {
  return { urn, id: "", properties: mapValue(inputs, () => unknown) as Properties, unknown: true };
}
