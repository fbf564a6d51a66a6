import { AsyncLocalStorage } from "node:async_hooks";

/** The one escape hatch: an object is merged over the child's inputs, a function may change them. */
export type Transform<ChildArgs extends object> = Partial<ChildArgs> | ((args: ChildArgs) => void);

/** A child as it is made. */
export interface Child {
  /** Its class. */
  Resource: unknown;
  name: string;
}

/** Changes the inputs of the children it is meant for, wherever they are made. */
export type ChildTransform = (args: object, child: Child) => void;

const around = new AsyncLocalStorage<readonly ChildTransform[]>();

/**
 * A transform for children of one class: all of them, or the one of a name.
 *
 * @example each(aws.eks.NodeGroup, { amiType: "AL2023_x86_64_STANDARD" })
 */
export function each<Kind extends ResourceClass>(
  Resource: Kind,
  transform: Transform<ArgsOf<Kind>>,
  name?: string,
): ChildTransform {
  return (args, child) => {
    if (child.Resource === Resource && (name ?? child.name) === child.name) apply(transform, args as ArgsOf<Kind>);
  };
}

type ResourceClass = new (name: string, args: never, ...more: never[]) => unknown;
type ArgsOf<Kind extends ResourceClass> = NonNullable<ConstructorParameters<Kind>[1]>;

/**
 * Makes something, or a whole stack, with transforms for whatever is made in it at any depth. A component's own
 * `transform` comes before them, and those of a scope around this one after, so the outermost has the last word.
 */
export function transforming<Result>(transforms: readonly ChildTransform[], make: () => Result): Result {
  return around.run([...transforms, ...(around.getStore() ?? [])], make);
}

/** The inputs of a child after its own transform and all those around. */
export function transformed<ChildArgs extends object>(
  child: Child,
  args: ChildArgs,
  own: Transform<ChildArgs> = {},
): ChildArgs {
  const final = { ...args };
  apply(own, final);
  for (const transform of around.getStore() ?? []) transform(final, child);
  return final;
}

function apply<ChildArgs extends object>(transform: Transform<ChildArgs>, args: ChildArgs): void {
  if (typeof transform === "function") transform(args);
  else Object.assign(args, transform);
}
