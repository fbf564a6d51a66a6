/** The four kinds of stack; the reason a setting names the ones it applies to. */
export const stackKinds = ["local", "onprem", "saas", "dedicated"] as const;
export type StackKind = (typeof stackKinds)[number];

/** Value of the annotation `x-stacks`: a setting that means something on every kind. */
export const everyStack: readonly StackKind[] = stackKinds;
