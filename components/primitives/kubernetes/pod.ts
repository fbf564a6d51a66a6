import { type ComponentResource, type Input, type Output, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { rankOf } from "../rank.ts";
import type { Everywhere, WorkloadArgs } from "../workload/index.ts";
import { podName } from "../workload/members.ts";
import { priority, spread } from "./availability.ts";
import type { PodImage } from "./image.ts";
import { metadata, object, selector } from "./object.ts";
import { containerPorts } from "./ports.ts";
import { probes } from "./probes.ts";
import type { Rendered } from "./rendered.ts";
import { containerSecurity, podSecurity } from "./security.ts";
import { privateCopy, volumes } from "./volumes.ts";

export interface PodParts {
  image: PodImage;
  files: Rendered;
  claim: { metadata: Output<{ name: string }> } | undefined;
  at: Everywhere;
  /** Whether there may be several, which belong on different nodes. */
  spread: boolean;
}

type PodSpec = import("@pulumi/kubernetes").types.input.core.v1.PodSpec;

/** One container that may do as little as possible. */
export function podOf(
  name: string,
  component: string,
  args: WorkloadArgs,
  parts: PodParts,
  parent: ComponentResource,
): PodSpec {
  const { images } = surroundings("kubernetes");
  const { image, at } = parts;
  const account = serviceAccount(name, component, parent);
  const { mounts, ...volume } = volumes(args, parts);
  const command = args.command && (output(args.command(at)) as Output<string[]>);
  const stop = args.stop ?? { signal: "SIGTERM", deadline: 10_000 };
  return {
    serviceAccountName: account.metadata.name,
    // What runs here has nothing to say to the cluster.
    automountServiceAccountToken: false,
    // Variables for every service of the namespace: nobody reads them, and names such as POSTGRES_PORT do harm.
    enableServiceLinks: false,
    ...priority(rankOf(args)),
    ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
    securityContext: podSecurity(image),
    // A pod that goes is still called for a moment, until every node has heard of it.
    terminationGracePeriodSeconds: leaveAfter + Math.ceil(stop.deadline / 1000),
    ...(parts.spread && {
      topologySpreadConstraints: spread(selector(name), args.members ? "StatefulSet" : "Deployment"),
    }),
    ...volume,
    initContainers: privateCopy(args, parts),
    containers: [
      {
        name,
        image: image.reference,
        ...(command && { command }),
        workingDir: args.cwd?.(at) ?? (args.data ? image.data : undefined),
        env: environment(name, component, args, at, parent),
        ports: containerPorts(args.ports),
        ...probes(args, at),
        lifecycle: {
          preStop: { sleep: { seconds: leaveAfter } },
          ...(stop.signal !== "SIGTERM" && { stopSignal: stop.signal }),
        },
        resources: resources(args),
        securityContext: containerSecurity,
        volumeMounts: mounts,
      },
    ],
    // A signal of its own is allowed only where it is known to exist.
    ...(stop.signal !== "SIGTERM" && { os: { name: "linux" } }),
  };
}

const leaveAfter = 5;

/** Its own, so that a cloud can give each workload rights of its own. */
function serviceAccount(name: string, component: string, parent: ComponentResource) {
  const { ServiceAccount } = sdk.kubernetes().core.v1;
  const args = { metadata: metadata(name, component), automountServiceAccountToken: false };
  return object(ServiceAccount, name, args, parent);
}

function environment(
  name: string,
  component: string,
  args: WorkloadArgs,
  at: Everywhere,
  parent: ComponentResource,
): { name: string; value?: Input<string>; valueFrom?: object }[] {
  const named = args.members ? [{ name: podName, valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] : [];
  const given = Object.entries(args.env?.(at) ?? {}).map(([key, value]) => ({ name: key, value }));
  const plain = [...named, ...given];
  const secrets = args.secretEnv?.(at) ?? {};
  if (Object.keys(secrets).length === 0) return plain;
  const { Secret } = sdk.kubernetes().core.v1;
  const made = object(
    Secret,
    `${name}-env`,
    { metadata: metadata(`${name}-env`, component), stringData: secrets },
    parent,
  );
  const references = Object.keys(secrets).map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: made.metadata.name, key } },
  }));
  return [...plain, ...references];
}

/**
 * Sure of what it is expected to take, stopped at twice that; what keeps data is sure of all it may take. The processor is a
 * share, so little of it is reserved.
 */
function resources(args: WorkloadArgs) {
  const { memory, limits = {} } = args;
  const cpu = limits.cpu ?? 1000;
  const most = limits.memory ?? memory * 2;
  return {
    requests: {
      memory: `${rankOf(args) === "data" ? most : memory}Mi`,
      cpu: `${limits.sure ?? Math.max(20, Math.round(cpu / 10))}m`,
    },
    limits: { memory: `${most}Mi`, cpu: `${cpu}m`, "ephemeral-storage": "2Gi" },
  };
}
