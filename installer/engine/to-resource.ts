import type { Provider } from "./decide.ts";
import { providerReference } from "./deployment.ts";
import type { Goal } from "./goal.ts";
import { markOutputs } from "./outputs.ts";
import type { Resource } from "./resource.ts";
import type { Run } from "./run.ts";
import { type Properties, revealAll } from "./values.ts";

/** The resource as the state will keep it, with secrets among its outputs marked. */
export function toResource(
  run: Run,
  goal: Goal,
  inputs: Properties,
  made: { id?: string | undefined; outputs: object; provider?: Provider },
  old: Resource | undefined,
): Resource {
  const { urn, type, custom, parent, dependencies, propertyDependencies, deletedWith, replacementTrigger } = goal;
  const { replaceOnChanges, additionalSecretOutputs, protect, retainOnDelete } = goal;
  const now = new Date().toISOString();
  const outputs = made.provider
    ? markOutputs(revealAll(made.outputs as Properties), made.provider, additionalSecretOutputs, inputs)
    : (made.outputs as Properties);
  run.secrets.note(outputs);
  return {
    urn,
    type,
    custom,
    ...(made.id === undefined ? {} : { id: made.id }),
    inputs,
    outputs,
    ...(parent === undefined ? {} : { parent }),
    dependencies,
    propertyDependencies,
    ...(protect ? { protect } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    ...(deletedWith === undefined ? {} : { deletedWith }),
    ...(replaceOnChanges.length > 0 ? { replaceOnChanges } : {}),
    ...(additionalSecretOutputs.length > 0 ? { additionalSecretOutputs } : {}),
    ...(replacementTrigger === undefined ? {} : { replacementTrigger }),
    ...(custom ? { provider: providerReference(run.stack, run.project, type) } : {}),
    created: old?.created ?? now,
    modified: now,
  };
}
