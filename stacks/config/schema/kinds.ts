import type { StackKind } from "../../../glue-services/kit/declare/stack-kinds.ts";

export { everyStack, type StackKind, stackKinds } from "../../../glue-services/kit/declare/stack-kinds.ts";

/** Values of the annotation `x-stacks`: a setting means nothing on the other kinds. */
export const oneMachine: readonly StackKind[] = ["local", "onprem"];
/** Kinds that Pulumi's own engine makes. */
export const byPulumi: readonly StackKind[] = ["onprem", "saas", "dedicated"];
export const localOnly: readonly StackKind[] = ["local"];
/** Kinds in a customer's AWS account. */
export const onAws: readonly StackKind[] = ["dedicated"];
