import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { Door } from "../../primitives/calls.ts";
import { kubernetes } from "./kubernetes.ts";

/** Tells Prometheus how full each volume is, so that nobody learns it from a database that has stopped. */
export interface VolumeWatchArgs {
  metrics: { url: Input<string>; door: Door };
}

const oneDisk = { unsupported: "all volumes are on the machine's disk, which the program of the backups looks at" };

export const volumeWatchRecipes: Recipes<VolumeWatchArgs, object> = {
  local: oneDisk,
  docker: oneDisk,
  kubernetes,
  aws: kubernetes,
};

export class VolumeWatch extends Component<VolumeWatchArgs, object> {
  constructor(name: string, args: VolumeWatchArgs, options?: ComponentResourceOptions) {
    super("platform:VolumeWatch", volumeWatchRecipes, name, args, options);
  }
}
