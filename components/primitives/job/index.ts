import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** A program that runs to completion: a migration, an application deploy. */
export interface JobArgs {
  /** Catalogue name of the program. */
  upstream: string;
  /** Program and arguments; `program` gives a path inside the program's folder. No secrets. */
  command: (program: (file: string) => Output<string>) => Input<string>[];
  /** @default {} */
  env?: Record<string, Input<string>>;
  /** Runs again when one of these changes. @default [] */
  triggers?: Input<string>[];
  /** Milliseconds until it is ended and counts as failed. @default 300000 */
  timeout?: number;
}

export interface JobOutputs {
  /** Resolves when the job has ended well: a hash that another run changes, of what it printed where that can be had. */
  done: Output<string>;
}

export const jobRecipes: Recipes<JobArgs, JobOutputs> = { local, docker, kubernetes, aws: kubernetes };

export class Job extends Component<JobArgs, JobOutputs> {
  constructor(name: string, args: JobArgs, options?: ComponentResourceOptions) {
    super("primitive:Job", jobRecipes, name, args, options);
  }
}
