import { type ComponentResource, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { doorsOf } from "../calls.ts";
import { disruptionBudget, scaling } from "../kubernetes/availability.ts";
import { reachOf } from "../kubernetes/cluster.ts";
import { podImage, services } from "../kubernetes/image.ts";
import { keepsData, labels, metadata, object, selector } from "../kubernetes/object.ts";
import { podOf } from "../kubernetes/pod.ts";
import { allowCalls } from "../kubernetes/policy.ts";
import { servicePorts } from "../kubernetes/ports.ts";
import { followQueue } from "../kubernetes/queue.ts";
import { configFolder, renderFiles } from "../kubernetes/rendered.ts";
import type { Everywhere, Locations, WorkloadArgs, WorkloadOutputs } from "./index.ts";
import { membersService, podsService } from "./members.ts";

type K8s = typeof import("@pulumi/kubernetes");
type DeploymentArgs = import("@pulumi/kubernetes").apps.v1.DeploymentArgs;
type StatefulSetArgs = import("@pulumi/kubernetes").apps.v1.StatefulSetArgs;
type ServiceArgs = import("@pulumi/kubernetes").core.v1.ServiceArgs;
type ClaimArgs = import("@pulumi/kubernetes").core.v1.PersistentVolumeClaimArgs;

/** Inputs of the objects a workload is made of in a cluster, for `transform`. */
export interface KubernetesWorkloadChildren {
  deployment: DeploymentArgs;
  statefulSet: StatefulSetArgs;
  service: ServiceArgs;
  claim: ClaimArgs;
}

/** Pods under restricted security: a Deployment, or a StatefulSet of one where there is data. */
export function kubernetes(name: string, args: WorkloadArgs, parent: ComponentResource): WorkloadOutputs {
  if (args.prepare) throw new Error(`workload ${name} prepares its data folder, which nobody can do for a pod`);
  const { scale, storageClass, keda, workloads } = surroundings("kubernetes");
  const k8s: K8s = sdk.kubernetes();
  const image = podImage(args.program);
  const component = args.component ?? name;
  workloads.set(name, component);
  const at = locations();
  const files = renderFiles(name, component, args.files?.(at), parent);
  const everything: Everywhere = { ...at, config: (file) => output(below(configFolder, file)) };
  const { members } = args;
  const claim = args.data === true && !members ? makeClaim(name, `${name}-data`) : undefined;
  if (args.data && members) for (let at = 0; at < members; at++) makeClaim(`${name}-${at}`, `data-${name}-${at}`);
  const replicas = claim ? { least: 1, most: 1 } : wanted();
  const service = makeService();
  const named = members ? makeNames(membersService(name)) : service;
  // Whether there are several now or not, so that nobody who asks each of them has to know.
  if (canBeSeveral()) makeNames(podsService(name));
  const pods = makePods();
  object(k8s.policy.v1.PodDisruptionBudget, name, disruptionBudget(name, component), parent);
  if (replicas.most > replicas.least && keda && args.queue) followQueue(name, component, replicas, args.queue, parent);
  else if (replicas.most > replicas.least) {
    object(k8s.autoscaling.v2.HorizontalPodAutoscaler, name, scaling(name, component, replicas), parent);
  }
  allowCalls(name, component, args, parent);
  const ready = pods.metadata.name;
  return {
    locations: everything,
    host: output([ready, service.metadata.name]).apply(() => name),
    ports: Object.fromEntries(Object.entries(args.ports).map(([purpose, port]) => [purpose, ready.apply(() => port)])),
    doors: doorsOf(name, args.ports),
    name: ready.apply(() => name),
    reach: ready.apply(() => reachOf(selector(name), name)),
  };

  function locations(): Locations {
    return {
      listen: "0.0.0.0",
      listens: ["0.0.0.0"],
      self: "127.0.0.1",
      program: (file) => output(image.path(file)),
      data: (file) => output(below(ownData(), file)),
      socket: (file) => output(`${ownData()}/${file}.sock`),
      node: output(services.node),
      web: output(services.web),
    };
  }

  function ownData(): string {
    if (!args.data) throw new Error(`workload ${name} asks for its data folder without data`);
    return image.data;
  }

  function canBeSeveral(): boolean {
    if (members || claim) return false;
    return args.replicas === "several" || (args.replicas === undefined && "service" in args.program);
  }

  /** As many as the product says; services of our own, as the stack's size says. */
  function wanted(): { least: number; most: number } {
    if (members) return { least: members, most: members };
    if (args.replicas === "alone") return { least: 1, most: 1 };
    if (args.replicas === "several") return { least: scale.ha ? 2 : 1, most: scale.ha ? 2 : 1 };
    if (args.replicas !== undefined) return { least: args.replicas, most: args.replicas };
    return "service" in args.program ? scale.services : { least: 1, most: 1 };
  }

  /**
   * On its own and not made by the StatefulSet, whose template of it could never be changed again: it grows with its size.
   * A member takes the one that bears its name.
   */
  function makeClaim(resource: string, claimName: string) {
    return object(
      k8s.core.v1.PersistentVolumeClaim,
      resource,
      {
        // Many classes bind a volume only when a pod wants it, and the pod waits for this object.
        metadata: metadata(claimName, component, {
          "pulumi.com/skipAwait": "true",
          ...(args.losable !== undefined && { "devflow.dev/losable": args.losable }),
        }),
        spec: claimed(scale.volumes[args.volume ?? name] ?? scale.volume),
      },
      parent,
      args.transform?.claim,
      { ...keepsData(), retainOnDelete: true },
    );
  }

  function claimed(size: number) {
    return {
      accessModes: ["ReadWriteOnce"],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: `${size}Gi` } },
    };
  }

  /** By which each pod is found by itself, also while it is not ready: members must find one another to become so. */
  function makeNames(names: string) {
    return object(
      k8s.core.v1.Service,
      names,
      {
        metadata: metadata(names, component, { "pulumi.com/skipAwait": "true" }),
        spec: {
          clusterIP: "None",
          publishNotReadyAddresses: true,
          selector: selector(name),
          ports: servicePorts(args.ports),
        },
      },
      parent,
    );
  }

  /** Made before the pods, so that it does not wait for any. */
  function makeService() {
    return object(
      k8s.core.v1.Service,
      name,
      {
        metadata: metadata(name, component, { "pulumi.com/skipAwait": "true" }),
        spec: { selector: selector(name), ports: servicePorts(args.ports) },
      },
      parent,
      args.transform?.service,
    );
  }

  function makePods() {
    const template = {
      metadata: { labels: labels(name, component), annotations: files.annotations },
      spec: podOf(name, component, args, { image, files, claim, at: everything, spread: replicas.most > 1 }, parent),
    };
    const common = { selector: { matchLabels: selector(name) }, template, revisionHistoryLimit: 3 };
    // Whom it names is ready by the time the name is known.
    const after = output(args.after ?? []).apply((names) => names.join(","));
    const about = metadata(name, component, {
      "devflow.dev/after": after,
      ...(args.late && { "pulumi.com/skipAwait": "true" }),
    });
    const timeouts = { create: "15m", update: "15m" };
    if (claim || members) {
      const spec = {
        ...common,
        serviceName: named.metadata.name,
        replicas: members ?? 1,
        ...(members && {
          // None waits for another one: they become ready together.
          podManagementPolicy: "Parallel",
          // Whatever the stack's size: the cluster refuses another template. Claims above are there before the pods.
          volumeClaimTemplates: [{ metadata: { name: "data", labels: selector(name) }, spec: claimed(templateSize) }],
        }),
      };
      return object(k8s.apps.v1.StatefulSet, name, { metadata: about, spec }, parent, args.transform?.statefulSet, {
        // Its members' volumes are the set's own.
        ...(members !== undefined && keepsData()),
        customTimeouts: timeouts,
      });
    }
    const spec = {
      ...common,
      // An autoscaler owns the number; a second owner would take it back at every `up`.
      ...(replicas.most === replicas.least && { replicas: replicas.least }),
      strategy: strategy(),
      progressDeadlineSeconds: 600,
    };
    return object(k8s.apps.v1.Deployment, name, { metadata: about, spec }, parent, args.transform?.deployment, {
      customTimeouts: timeouts,
    });
  }

  /** The new pods are ready before an old one goes, but for what must not run twice. */
  function strategy(): import("@pulumi/kubernetes").types.input.apps.v1.DeploymentStrategy {
    if (args.replicas === "alone") return { type: "Recreate" };
    return { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  }
}

/** GiB of a claim that the set would make itself, for a member that somebody adds by hand. */
const templateSize = 10;

function below(folder: string, file?: string): string {
  return file === undefined ? folder : `${folder}/${file}`;
}
