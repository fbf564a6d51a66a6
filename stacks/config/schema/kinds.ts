/** The four kinds of stack; the reason a setting names the ones it applies to. */
export const stackKinds = ["local", "onprem", "saas", "dedicated"] as const;
export type StackKind = (typeof stackKinds)[number];

/** Value of the annotation `x-stacks`: a setting that means nothing on the other kinds. */
export const everyStack: readonly StackKind[] = stackKinds;
export const oneMachine: readonly StackKind[] = ["local", "onprem"];
/** Kinds that Pulumi's own engine makes. */
export const byPulumi: readonly StackKind[] = ["onprem", "saas", "dedicated"];
export const localOnly: readonly StackKind[] = ["local"];
/** Kinds in a customer's AWS account. */
export const onAws: readonly StackKind[] = ["dedicated"];
