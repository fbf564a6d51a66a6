import { type ComponentResource, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { ContainerJob } from "../../provider/resources.ts";
import { surroundings } from "../../surroundings.ts";
import { containerImage, labelsOf } from "../container.ts";
import type { JobArgs, JobOutputs } from "./index.ts";

/** A container that runs once, and again when its inputs change; one that fails is no resource, so it is run again. */
export function docker(name: string, args: JobArgs, parent: ComponentResource): JobOutputs {
  const { host, network, prefix } = surroundings("docker");
  const image = containerImage(name, args.upstream, parent);
  const job = child(
    ContainerJob,
    name,
    {
      ...(host !== undefined && { host }),
      name: `${prefix}-${name}-job`,
      image: image.id,
      command: args.command((file) => output(image.path(file))),
      env: args.env ?? {},
      ...(image.user !== undefined && { user: `${image.user}:${image.group}` }),
      network,
      labels: labelsOf(prefix, name),
      memory: 512 * 2 ** 20,
      timeout: args.timeout ?? 300_000,
      triggers: args.triggers ?? [],
    },
    parent,
  );
  return { done: job.outputHash };
}
