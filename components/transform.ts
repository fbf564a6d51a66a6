import { AsyncLocalStorage } from "node:async_hooks";
import type { CustomResourceOptions } from "@pulumi/pulumi";

/** The one escape hatch: an object is merged over the child's inputs, a function may change them. */
export type Transform<ChildArgs extends object> = Partial<ChildArgs> | ((args: ChildArgs) => void);

/** A child as it is made. */
export interface Child {
  /** Its class. */
  Resource: unknown;
  name: string;
}

/** Changes the inputs, or the options, of the children it is meant for, wherever they are made. */
export type ChildTransform = (args: object, child: Child, options: CustomResourceOptions) => void;

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

/**
 * A transform of the options of one class's children: all of them, or the one of a name. An object is merged over them.
 *
 * @example eachOptions(aws.rds.Instance, { ignoreChanges: ["engineVersion"] })
 * @example eachOptions(k8s.apps.v1.StatefulSet, { aliases: [{ name: "db" }] }, "postgres")
 */
export function eachOptions(
  Resource: ResourceClass,
  transform: Transform<CustomResourceOptions>,
  name?: string,
): ChildTransform {
  return (_, child, options) => {
    if (child.Resource === Resource && (name ?? child.name) === child.name) apply(transform, options);
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

/** The inputs and options of a child after its own transform and all those around. */
export function transformed<ChildArgs extends object>(
  child: Child,
  args: ChildArgs,
  options: CustomResourceOptions,
  own: Transform<ChildArgs> = {},
): { args: ChildArgs; options: CustomResourceOptions } {
  const final = { args: { ...args }, options: { ...options } };
  apply(own, final.args);
  for (const transform of around.getStore() ?? []) transform(final.args, child, final.options);
  return final;
}

function apply<ChildArgs extends object>(transform: Transform<ChildArgs>, args: ChildArgs): void {
  if (typeof transform === "function") transform(args);
  else Object.assign(args, transform);
}
