import { changes } from "./diff.ts";
import { call, inSlot } from "./effect.ts";
import { markOutputs } from "./outputs.ts";
import { pointsAt, type Resource } from "./resource.ts";
import { diagnose, providerOf, type Run, redactDiff, tell } from "./run.ts";
import { urnName } from "./urn.ts";
import { revealAll } from "./values.ts";

/** A resource as it really is; `gone` when it is not there any more. */
export interface Seen {
  resource: Resource;
  gone: boolean;
}

/** Asks the provider what is really there, and tells any drift. Records new outputs; changes nothing else. */
export async function look(run: Run, resource: Resource): Promise<Seen> {
  const { urn, type, id, inputs, outputs } = resource;
  const provider = providerOf(run, type);
  const read = provider.read;
  if (!read || id === undefined) return { resource, gone: false };
  const found = await inSlot(run, () =>
    call(run, urn, undefined, (context) => read(id, revealAll(inputs), revealAll(outputs), context)),
  );
  if (found === undefined) {
    tell(run, { kind: "drift", urn, gone: true, diff: [] });
    return { resource, gone: true };
  }
  const real = markOutputs(found, provider, resource.additionalSecretOutputs ?? [], inputs);
  run.secrets.note(real);
  const diff = changes(outputs, real);
  if (diff.length === 0) return { resource, gone: false };
  tell(run, { kind: "drift", urn, gone: false, diff: redactDiff(run, diff) });
  const current = { ...resource, outputs: real };
  await run.ledger.record({ put: current });
  return { resource: current, gone: false };
}

/**
 * As `look`, but a preview, in which nothing it needs was started or changed, may fail to see: then it is taken to be
 * as the state has it.
 */
export async function lookIfPossible(run: Run, resource: Resource): Promise<Seen> {
  try {
    return await look(run, resource);
  } catch (error) {
    if (!run.dry || typeof error === "symbol") throw error;
    const why = error instanceof Error ? error.message : String(error);
    const expected = pointsAt(resource).some((urn) => run.changing.has(urn));
    if (!expected) diagnose(run, "warning", `${urnName(resource.urn)} could not be looked at: ${why}`, resource.urn);
    return { resource, gone: false };
  }
}
