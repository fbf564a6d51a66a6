import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { DevflowError } from "../../components/error.ts";
import { makeUrn } from "./urn.ts";
import type { Json, Properties } from "./values.ts";

/** What the program wants: one registered resource with its options. */
export interface Goal {
  urn: string;
  type: string;
  name: string;
  custom: boolean;
  inputs: Properties;
  parent: string | undefined;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  protect: boolean;
  retainOnDelete: boolean;
  /** undefined: as the provider has it. */
  deleteBeforeReplace: boolean | undefined;
  deletedWith: string | undefined;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  aliases: string[];
  additionalSecretOutputs: string[];
  replacementTrigger: Json | undefined;
  /** Milliseconds. */
  timeouts: { create: number | undefined; update: number | undefined };
}

export function toGoal(request: RegisterResourceRequest, stack: string, project: string): Goal {
  const timeouts = request.getCustomtimeouts();
  const dependencies = request.getPropertydependenciesMap().entries();
  return {
    urn: makeUrn(stack, project, request.getParent(), request.getType(), request.getName()),
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs: (request.getObject()?.toJavaScript() ?? {}) as Properties,
    parent: request.getParent() || undefined,
    dependencies: request.getDependenciesList(),
    propertyDependencies: Object.fromEntries([...entriesOf(dependencies)].map(([key, on]) => [key, on.getUrnsList()])),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    deletedWith: request.getDeletedwith() || undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasurnsList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    replacementTrigger: request.hasReplacementTrigger()
      ? (request.getReplacementTrigger()?.toJavaScript() as Json)
      : undefined,
    timeouts: {
      create: milliseconds(timeouts?.getCreate()),
      update: milliseconds(timeouts?.getUpdate()),
    },
  };
}

/** @throws DevflowError UNSUPPORTED for what this engine leaves to Pulumi's own. */
export function refuseUnsupported(request: RegisterResourceRequest): void {
  const asked = [
    request.getRemote() && "a component of another language",
    request.getImportid() !== "" && "the option `import`",
    request.getTransformsList().length > 0 && "the option `transforms`",
    request.getReplaceWithList().length > 0 && "the option `replaceWith`",
    (request.getHooks()?.toArray() ?? []).flat().length > 0 && "the option `hooks`",
  ].find((reason) => reason !== false);
  if (asked === undefined) return;
  throw new DevflowError(
    "UNSUPPORTED",
    `${request.getName()} uses ${asked}, which the embedded engine does not have.`,
    {
      hint: "Leave it out, or run this stack with Pulumi's own engine.",
    },
  );
}

// --- internal ---

/** Pulumi writes durations as Go does: `1h30m`, `45s`, `1.5s`, `300ms`. */
export function milliseconds(duration: string | undefined): number | undefined {
  const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  const parts = [...(duration ?? "").matchAll(/([\d.]+)(ms|h|m|s)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units], 0);
}

/** The SDK's maps have an old iterator protocol: no Symbol.iterator. */
function* entriesOf<Entry>(iterator: { next(): IteratorResult<Entry> | { done: boolean; value: Entry } }) {
  for (let one = iterator.next(); !one.done; one = iterator.next()) yield one.value as Entry;
}
