import {
  ComponentResource,
  type ComponentResourceOptions,
  Config,
  type CustomResourceOptions,
  type Inputs,
  mergeOptions,
  Resource,
} from "@pulumi/pulumi";
import { DevflowError } from "./error.ts";
import { providersAround } from "./surroundings.ts";
import { type Transform, transformed } from "./transform.ts";

export type { Transform } from "./transform.ts";

/** Where a component can be made. The target is stack configuration (`devflow:target`) and is read here only. */
export const targets = ["local", "docker", "kubernetes", "aws"] as const;
export type Target = (typeof targets)[number];

/** How a component is made on one target: creates children of `parent` and answers the component's outputs. */
export type Recipe<Args, Outputs> = (name: string, args: Args, parent: ComponentResource) => Outputs;

/** A target on which there is no recipe, with the reason the support matrix shows. */
export interface Unsupported {
  unsupported: string;
}

/** One entry a target: a missing one is a compile error. */
export type Recipes<Args, Outputs> = Record<Target, Recipe<Args, Outputs> | Unsupported>;

/** A component whose children differ by target. Its outputs are all that others see of it. */
export abstract class Component<Args, Outputs extends object> extends ComponentResource {
  readonly outputs: Outputs;

  constructor(
    kind: string,
    recipes: Recipes<Args, Outputs>,
    name: string,
    args: Args,
    options?: ComponentResourceOptions,
  ) {
    super(`devflow:${kind}`, name, {}, around(options));
    const target = new Config("devflow").require<Target>("target");
    const recipe = recipes[target];
    if (typeof recipe !== "function") throw unsupported(kind, target, recipe);
    this.outputs = recipe(name, args, this);
    this.registerOutputs(plain(this.outputs));
  }
}

/** A product: the same composition of primitives on every target, so it needs no recipes. */
export abstract class Product<Args, Outputs extends object> extends ComponentResource {
  readonly outputs: Outputs;

  constructor(
    kind: string,
    compose: Recipe<Args, Outputs>,
    name: string,
    args: Args,
    options?: ComponentResourceOptions,
  ) {
    super(`devflow:product:${kind}`, name, {}, around(options));
    this.outputs = compose(name, args, this);
    this.registerOutputs(plain(this.outputs));
  }
}

/** Makes a child resource through its transform and those around; without a parent it is the stack's own. */
export function child<ChildArgs extends object, Child>(
  Kind: new (name: string, args: ChildArgs, options: CustomResourceOptions) => Child,
  name: string,
  args: ChildArgs,
  parent: ComponentResource | undefined,
  transform?: Transform<ChildArgs>,
  options: CustomResourceOptions = {},
): Child {
  const final = transformed({ Resource: Kind, name }, args, options, transform);
  return new Kind(name, final.args, parent ? mergeOptions({ parent }, final.options) : final.options);
}

/** A component without a parent takes the providers of its surroundings; every other one those of its parent. */
function around(options: ComponentResourceOptions = {}): ComponentResourceOptions {
  const providers = providersAround();
  return options.parent || providers.length === 0 ? options : mergeOptions({ providers }, options);
}

/** What the engine can record of a component's outputs: functions and resources stay in the program. */
function plain(outputs: object): Inputs {
  return Object.fromEntries(
    Object.entries(outputs).filter(([name, value]) => name !== "locations" && name !== "copies" && !isResources(value)),
  );
}

function isResources(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => Resource.isInstance(one));
}

function unsupported(kind: string, target: Target, recipe: Unsupported | undefined): DevflowError {
  return new DevflowError(
    "UNSUPPORTED",
    `${kind} cannot be made on ${target}: ${recipe?.unsupported ?? "unknown target"}`,
    {
      hint: `Targets are ${targets.join(", ")}; the README's support matrix says what runs where.`,
    },
  );
}
