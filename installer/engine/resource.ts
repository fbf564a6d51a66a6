import { type Static, Type } from "typebox";
import type { Json, Properties } from "./values.ts";

const List = Type.Array(Type.String());
const Values = Type.Unsafe<Properties>(Type.Record(Type.String(), Type.Unknown()));

/** A resource as the state keeps it: the fields and names of Pulumi's own deployments (apitype.ResourceV3). */
export const Resource = Type.Object({
  urn: Type.String({ minLength: 1 }),
  type: Type.String({ minLength: 1 }),
  /** False for a component, which has no effect of its own. */
  custom: Type.Boolean(),
  id: Type.Optional(Type.String()),
  inputs: Values,
  outputs: Values,
  parent: Type.Optional(Type.String()),
  dependencies: List,
  propertyDependencies: Type.Record(Type.String(), List),
  protect: Type.Optional(Type.Boolean()),
  retainOnDelete: Type.Optional(Type.Boolean()),
  deletedWith: Type.Optional(Type.String()),
  replaceOnChanges: Type.Optional(List),
  additionalSecretOutputs: Type.Optional(List),
  replacementTrigger: Type.Optional(Type.Unsafe<Json>(Type.Unknown())),
  /** Read, not managed: never deleted. */
  external: Type.Optional(Type.Boolean()),
  /** Has been replaced and waits to be deleted. */
  delete: Type.Optional(Type.Boolean()),
  provider: Type.Optional(Type.String()),
  created: Type.Optional(Type.String()),
  modified: Type.Optional(Type.String()),
});
export type Resource = Static<typeof Resource>;

/** An effect that was begun; when the engine finds one at its start, the last run ended in the middle of it. */
export const Pending = Type.Object({
  type: Type.Union([Type.Literal("creating"), Type.Literal("updating"), Type.Literal("deleting")]),
  resource: Resource,
});
export type Pending = Static<typeof Pending>;

export function pendingKey({ type, resource }: Pending): string {
  return type === "deleting" ? `${resource.urn} ${resource.id ?? ""}` : resource.urn;
}

/** Everything that must go before `urn` goes, and be there before it is made: what the resource points at. */
export function pointsAt(resource: Resource): string[] {
  const byProperty = Object.values(resource.propertyDependencies).flat();
  const one = [resource.parent, resource.deletedWith].filter((urn) => urn !== undefined);
  return [...new Set([...resource.dependencies, ...byProperty, ...one])].filter((urn) => urn !== resource.urn);
}
