import { createHash } from "node:crypto";
import { all, type ComponentResource, type Output, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { priority } from "../kubernetes/availability.ts";
import { podImage } from "../kubernetes/image.ts";
import { labels, metadata, object } from "../kubernetes/object.ts";
import { containerSecurity, podSecurity } from "../kubernetes/security.ts";
import type { JobArgs, JobOutputs } from "./index.ts";

/**
 * A Job whose name changes with what it runs, since a Job itself cannot be changed. It is not removed after a time: the
 * next look at the cluster would miss it and run it again.
 */
export function kubernetes(name: string, args: JobArgs, parent: ComponentResource): JobOutputs {
  const { images } = surroundings("kubernetes");
  const image = podImage({ upstream: args.upstream });
  const command = output(args.command((file) => output(image.path(file)))) as Output<string[]>;
  const env = all(args.env ?? {});
  const run = output([image.reference, command, env, args.triggers ?? []]).apply(fingerprint);
  const { namespace } = metadata(name);
  const { Job } = sdk.kubernetes().batch.v1;
  const timeout = args.timeout ?? 300_000;
  const job = object(
    Job,
    name,
    {
      metadata: {
        ...{ name: run.apply((hash) => `${name}-${hash}`), namespace, labels: labels(name, name) },
        // One that failed is made anew by the next `up`, which is how it is resumed.
        annotations: { "pulumi.com/replaceUnready": "true" },
      },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: Math.ceil(timeout / 1000),
        template: {
          metadata: { labels: labels(name, name) },
          spec: {
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...priority("platform"),
            ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
            securityContext: podSecurity(image),
            volumes: [{ name: "temporary", emptyDir: { sizeLimit: "1Gi" } }],
            containers: [
              {
                ...{ name, image: image.reference, command },
                env: env.apply((pairs) => Object.entries(pairs).map(([key, value]) => ({ name: key, value }))),
                resources: {
                  requests: { memory: "64Mi", cpu: "50m" },
                  limits: { memory: "512Mi", cpu: "1000m", "ephemeral-storage": "2Gi" },
                },
                securityContext: containerSecurity,
                volumeMounts: [{ name: "temporary", mountPath: "/tmp" }],
              },
            ],
          },
        },
      },
    },
    parent,
    undefined,
    { customTimeouts: { create: `${Math.ceil(timeout / 1000) + 120}s` } },
  );
  return { done: output([job.metadata.name, run]).apply(([, hash]) => hash as string) };
}

function fingerprint(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 10);
}
