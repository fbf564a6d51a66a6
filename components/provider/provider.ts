import type { TSchema } from "typebox";
import type { Host, Reporting } from "./host.ts";

/**
 * One kind of custom resource, shaped so that both engines can drive it: the embedded one directly, Pulumi's through
 * the plugin `pulumi-resource-devflow`. Every effect observes, ensures and returns: calling it again after a crash at any
 * point gives the same result and makes nothing twice.
 */
export interface ResourceProvider<Inputs extends object, Outputs extends object> {
  /** Validates the inputs before anything happens. */
  readonly inputs: TSchema;
  /** Names of outputs that are secret whatever the inputs were. */
  readonly secretOutputs?: readonly string[];
  /** Inputs whose change cannot be made in place. */
  readonly replaceOn?: readonly (keyof Inputs & string)[];
  /** The old one must be gone before the new one is made, since both use the same name, port or folder. */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that are known before the effect, so that a preview can show them. */
  preview?(inputs: Inputs, context: Context): Partial<Outputs>;
  /**
   * The id `create` would give, where it follows from the inputs alone. With it a creation that failed or was cut off,
   * and is no longer wanted, is deleted (with what `preview` gives as outputs); without it the creation has to be
   * finished first, only to learn what to delete.
   */
  identify?(inputs: Inputs, context: Context): string;
  create(inputs: Inputs, context: Context): Promise<{ id: string; outputs: Outputs }>;
  update?(id: string, inputs: Inputs, old: { inputs: Inputs; outputs: Outputs }, context: Context): Promise<Outputs>;
  /** What is really there; undefined when it is gone. Must be cheap and change nothing. */
  read?(id: string, inputs: Inputs, outputs: Outputs, context: Context): Promise<Outputs | undefined>;
  /** Fine when it is already gone. */
  delete(id: string, inputs: Inputs, outputs: Outputs, context: Context): Promise<void>;
}

export interface Context extends Reporting {
  host: Host;
  urn: string;
  /** Last part of the URN. */
  name: string;
}

/** Resource type token (`devflow:index:Process`) to its provider. */
// biome-ignore lint/suspicious/noExplicitAny: a table of providers of different resources; each is typed where it is made.
export type ProviderTable = Record<string, ResourceProvider<any, any>>;
