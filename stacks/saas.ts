import type { Output, ProviderResource } from "@pulumi/pulumi";
import { child } from "../components/component.ts";
import { DevflowError } from "../components/error.ts";
import { ClosedNamespace } from "../components/platform/namespaces.ts";
import { priorityClasses } from "../components/platform/priorities.ts";
import { ownIssuer } from "../components/platform/proxy/kubernetes.ts";
import { calls, endingWith } from "../components/primitives/calls.ts";
import { type FrontDoor, frontDoor, listenerPorts } from "../components/primitives/kubernetes/front-door.ts";
import type { Backups, KubernetesSurroundings } from "../components/primitives/kubernetes-surroundings.ts";
import { sdk } from "../components/sdk.ts";
import { within } from "../components/surroundings.ts";
import type { Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import { platform } from "./platform.ts";
import { scaleOf, sizes } from "./sizes.ts";

/** Many tenants on a cluster that is there already: the platform in a closed namespace, each tenant in one of its own. */
export function saas(settings: Settings): StackOutputs {
  const { kubernetes, backups } = settings;
  const { ingress } = kubernetes;
  const provider = clusterOf(settings);
  return {
    ...onCluster(settings, {
      provider,
      ...(kubernetes.kubeconfig !== undefined && { kubeconfig: kubernetes.kubeconfig }),
      ...(kubernetes.context !== undefined && { context: kubernetes.context }),
    }),
    frontDoor: { kind: ingress.kind, class: ingress.class, namespace: ingress.namespace },
    ...(backups.destination !== undefined && { backups: backups.destination }),
  };
}

/** How a cluster is reached, and what a kind of stack knows better than the settings do. */
export type Cluster = Required<Pick<KubernetesSurroundings, "provider">> & Partial<KubernetesSurroundings>;

/** The platform and its tenants on a cluster, whoever made it. */
export function onCluster(settings: Settings, cluster: Cluster): StackOutputs {
  const { kubernetes, images } = settings;
  const { provider } = cluster;
  const { dns } = kubernetes;
  const { sizing, room } = sizes[kubernetes.size];
  const { protect = kubernetes.protect } = cluster;
  const namespace = new ClosedNamespace("platform", { name: kubernetes.namespace, protect, dns }, { provider });
  const door = doorOf(settings);
  const whom = calls();
  const outputs = within(
    {
      secrets: new Map(),
      kubernetes: {
        namespace: namespace.name,
        generation: namespace.uid,
        frontDoor: door,
        calls: whom,
        places: new Map(),
        images: {
          services: serviceImage(images.glue),
          byDigest: images.byDigest,
          ...optional("pullSecret", kubernetes.pullSecretName),
        },
        workloads: new Map(),
        scale: scaleOf(kubernetes),
        priorities: priorityClasses(kubernetes.namespace, provider),
        reachable: kubernetes.reachable,
        operators: kubernetes.operators,
        keda: kubernetes.keda,
        apiPorts: kubernetes.apiPorts,
        ...optional("readLogsAs", kubernetes.readLogsAs),
        ...{ protect, dns },
        ...optional("storageClass", kubernetes.storageClass),
        ...optional("secretStore", storeOf(kubernetes.secretStore)),
        ...optional("backups", backupsOf(settings)),
        ...cluster,
      },
    },
    () => endingWith(door, () => endingWith(whom, () => platform({ ...settings, sizing }, { room }))),
  );
  const tenants = kubernetes.tenants.map((tenant) => [tenant.name, makeTenant(tenant, kubernetes, provider)] as const);
  return {
    ...outputs,
    namespace: namespace.name,
    ...(tenants.length > 0 && { tenants: Object.fromEntries(tenants) }),
  };
}

/** Where PostgreSQL's archive goes; undefined where nobody said so, which the policy pack refuses. */
function backupsOf({ stack, backups }: Settings): Backups | undefined {
  const { destination, recoverFrom } = backups;
  if (stack.kind !== "saas" || destination === undefined) return undefined;
  const { serverName, targetTime } = recoverFrom ?? {};
  return {
    ...{ destination, at: backups.at, retention: backups.retention },
    ...optional("endpoint", backups.endpoint),
    ...optional("secretName", backups.secretName),
    ...optional("serverName", backups.serverName),
    ...(serverName !== undefined && { recoverFrom: { serverName, ...optional("targetTime", targetTime) } }),
  };
}

function clusterOf(settings: Settings): ProviderResource {
  const { Provider } = sdk.kubernetes();
  const { kubeconfig, context } = settings.kubernetes;
  const way = { ...optional("kubeconfig", kubeconfig), ...optional("context", context) };
  return child(
    Provider,
    "cluster",
    {
      ...way,
      clusterIdentifier: clusterIdentifier(settings),
      // What somebody changed by hand in a stack's object is put back, as on every other target.
      enableServerSideApply: true,
      enablePatchForce: true,
    },
    undefined,
  );
}

/**
 * By which the provider knows that it is still the same cluster. Without it a new address or a proxy in the kubeconfig
 * makes it another provider, which replaces every object, databases included.
 */
export function clusterIdentifier({ stack, kubernetes }: Settings): string {
  return `${kubernetes.namespace}/${stack.name}`;
}

function doorOf({ kubernetes: { ingress } }: Settings): FrontDoor {
  const { kind, namespace, addresses, issuer, annotations, ports } = ingress;
  return frontDoor({
    ...{ kind, class: ingress.class, controllerNamespace: namespace, addresses, annotations },
    ports: { ...listenerPorts(ingress.class), ...ports },
    issuer: issuer === undefined ? { name: ownIssuer, kind: "Issuer" } : { name: issuer, kind: "ClusterIssuer" },
  });
}

/** A tenant's programs come in by the front door as everybody does; nothing else leads from them to the platform. */
function makeTenant(
  { name, ...quota }: Settings["kubernetes"]["tenants"][number],
  { namespace, ingress, dns }: Settings["kubernetes"],
  provider: ProviderResource,
): Output<string> {
  const outbound = { frontDoor: ingress.namespace };
  const labels = { "devflow.dev/tenant": name };
  const args = { name: `${namespace}-${name}`, quota, labels, outbound, dns };
  return new ClosedNamespace(`tenant-${name}`, args, { provider }).name;
}

function storeOf(name: string | undefined): KubernetesSurroundings["secretStore"] {
  return name === undefined ? undefined : { name, kind: "ClusterSecretStore" };
}

/** @throws DevflowError CONFIG_INVALID: no cluster can build an image of this checkout */
function serviceImage(glue: string | undefined): string {
  if (glue !== undefined) return glue;
  throw new DevflowError(
    "CONFIG_INVALID",
    "images.glue is missing: a cluster pulls the image of the platform's services.",
    {
      hint: "Build and push it once (`./devflow images build`), and set images.glue to its full name.",
    },
  );
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
