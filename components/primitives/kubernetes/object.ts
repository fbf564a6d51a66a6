import { type ComponentResource, type ComponentResourceOptions, getStack, type Input } from "@pulumi/pulumi";
import { child, type Transform } from "../../component.ts";
import { surroundings } from "../../surroundings.ts";

type Kind = new (name: string, args: never, options: ComponentResourceOptions) => unknown;
type ArgsOf<Of extends Kind> = NonNullable<ConstructorParameters<Of>[1]>;

/** Makes an object of the cluster, through its transform and by the stack's provider. */
export function object<Of extends Kind>(
  Resource: Of,
  name: string,
  args: ArgsOf<Of>,
  parent: ComponentResource,
  transform?: Transform<ArgsOf<Of>>,
  options: ComponentResourceOptions = {},
): InstanceType<Of> {
  const { provider } = surroundings("kubernetes");
  type Made = new (name: string, args: ArgsOf<Of>, options: ComponentResourceOptions) => InstanceType<Of>;
  return child(Resource as unknown as Made, name, args, parent, transform, {
    ...(provider && { provider }),
    ...options,
  });
}

/** Options of an object that keeps data: it refuses to be deleted, and one that leaves the program stays in the cluster. */
export function keepsData(): ComponentResourceOptions {
  const { protect = false } = surroundings("kubernetes");
  return { protect, retainOnDelete: protect };
}

/** Name, namespace and the labels by which people and policies find an object. */
export function metadata(name: string, component = name, annotations?: Record<string, Input<string>>) {
  const { namespace } = surroundings("kubernetes");
  return { name, namespace, labels: labels(name, component), ...(annotations && { annotations }) };
}

export function labels(name: string, component: string): Record<string, string> {
  return {
    ...selector(name),
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/instance": getStack(),
    "app.kubernetes.io/part-of": "devflow",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** The labels that never change, since a workload's selector cannot. */
export function selector<Name extends Input<string>>(name: Name): { "app.kubernetes.io/name": Name } {
  return { "app.kubernetes.io/name": name };
}
