import { AsyncLocalStorage } from "node:async_hooks";
import type { Output, ProviderResource } from "@pulumi/pulumi";
import type { AwsSurroundings } from "./primitives/aws-surroundings.ts";
import type { DockerSurroundings } from "./primitives/docker-surroundings.ts";
import type { KubernetesSurroundings } from "./primitives/kubernetes-surroundings.ts";

/**
 * What a target's recipes stand on and no product knows of: the network of the appliance, the namespace of the cluster.
 * The stack's program makes it first and composes its products within it.
 */
export interface Surroundings {
  docker?: DockerSurroundings;
  kubernetes?: KubernetesSurroundings;
  aws?: AwsSurroundings;
  /** Generated secrets by their names in the store, filled as they are declared: for the copy that opens all others. */
  secrets?: Map<string, Output<string>>;
  /** Providers of whatever is made without a parent, in place of those that Pulumi has by default. */
  providers?: ProviderResource[];
}

const current = new AsyncLocalStorage<Surroundings>();

/** Composes products within their surroundings; recipes that are called meanwhile find them. */
export function within<Result>(surroundings: Surroundings, compose: () => Result): Result {
  return current.run({ ...current.getStore(), ...surroundings }, compose);
}

/** What the recipes of a target stand on. */
export function surroundings<Name extends Exclude<keyof Surroundings, "providers" | "secrets">>(
  name: Name,
): NonNullable<Surroundings[Name]> {
  const found = current.getStore()?.[name];
  if (!found) throw new Error(`a component for ${name} was made outside of its stack's surroundings`);
  return found;
}

/** The stack's generated secrets so far; undefined where nobody gathers them. */
export function secretsAround(): Map<string, Output<string>> | undefined {
  return current.getStore()?.secrets;
}

/** The providers around; none outside of any surroundings. */
export function providersAround(): ProviderResource[] {
  return current.getStore()?.providers ?? [];
}
