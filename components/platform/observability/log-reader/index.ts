import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../../component.ts";
import type { Door } from "../../../primitives/calls.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";

/** Brings what containers write on their outputs to the collector, from the files in which their engine keeps it. */
export interface LogReaderArgs {
  /** Kind of the stack. */
  kind: string;
  /** Address of the collector, OTLP over HTTP. */
  collector: Input<string>;
  door: Door;
}

export const logReaderRecipes: Recipes<LogReaderArgs, object> = {
  local: { unsupported: "there are no containers, and `./devflow logs` reads the files of processes" },
  docker,
  kubernetes,
  aws: kubernetes,
};

export class LogReader extends Component<LogReaderArgs, object> {
  constructor(name: string, args: LogReaderArgs, options?: ComponentResourceOptions) {
    super("platform:LogReader", logReaderRecipes, name, args, options);
  }
}
