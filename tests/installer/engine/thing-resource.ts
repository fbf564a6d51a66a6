import * as pulumi from "@pulumi/pulumi";

/** The thing as a program declares it; apart from its provider, which needs nothing of Pulumi. */
export interface ThingArgs {
  file?: pulumi.Input<string>;
  content?: pulumi.Input<unknown>;
  password?: pulumi.Input<string>;
  fails?: pulumi.Input<string>;
  takes?: pulumi.Input<number | undefined>;
  kind?: pulumi.Input<string>;
}

export class Thing extends pulumi.CustomResource {
  declare readonly file: pulumi.Output<string>;
  declare readonly kind: pulumi.Output<string>;
  declare readonly path: pulumi.Output<string>;
  declare readonly size: pulumi.Output<number>;
  declare readonly token: pulumi.Output<string>;
  declare readonly echo: pulumi.Output<unknown>;

  constructor(name: string, args: ThingArgs = {}, options: pulumi.CustomResourceOptions = {}, type = "Thing") {
    const outputs = { path: undefined, size: undefined, token: undefined, echo: undefined };
    super(`devflow:test:${type}`, name, { file: name, ...args, ...outputs }, options);
  }
}

export function fixed(name: string, args: ThingArgs, options: pulumi.CustomResourceOptions = {}): Thing {
  return new Thing(name, { kind: "one", ...args }, options, "Fixed");
}
