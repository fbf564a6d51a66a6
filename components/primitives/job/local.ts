import { type ComponentResource, interpolate } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { Artifact, Command } from "../../provider/resources.ts";
import type { JobArgs, JobOutputs } from "./index.ts";

/** A native program, run once and again when its inputs change. */
export function local(name: string, args: JobArgs, parent: ComponentResource): JobOutputs {
  const { name: program, version } = upstream(args.upstream);
  const artifact = child(Artifact, name, { upstream: program, version }, parent);
  const command = child(
    Command,
    name,
    {
      command: args.command((file) => interpolate`${artifact.path}/${file}`),
      env: args.env ?? {},
      cwd: artifact.path,
      timeout: args.timeout ?? 300_000,
      triggers: args.triggers ?? [],
    },
    parent,
  );
  return { done: command.outputHash };
}
