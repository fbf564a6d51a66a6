import { type ComponentResource, type Input, type Output, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import type { Call } from "../calls.ts";
import type { WorkloadArgs } from "../workload/index.ts";
import { metadata, object, selector } from "./object.ts";

/** Ranges that are not the internet: nodes, pods, services, the cloud's own metadata, the company's network. */
const internal = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
const internal6 = ["fc00::/7", "fe80::/10"];

/**
 * Who may call a workload and whom it may call, each on the ports that were said and on no other. The namespace denies
 * everything that no policy allows; look-ups of names are allowed to all, the internet to those that say so.
 */
export function allowCalls(name: string, component: string, args: WorkloadArgs, parent: ComponentResource): void {
  const { NetworkPolicy } = sdk.kubernetes().networking.v1;
  const { calls } = surroundings("kubernetes");
  calls.add(name, args.calls ?? []);
  const members = args.members ? [peers(component)] : [];
  object(
    NetworkPolicy,
    name,
    {
      metadata: metadata(name, component),
      spec: {
        podSelector: { matchLabels: selector(name) },
        policyTypes: ["Ingress", "Egress"],
        ingress: callersOf(name).apply((rules) => [...rules, ...(args.members ? [{ from: members }] : [])]),
        egress: calledBy(name).apply((rules) => [
          ...rules,
          ...(args.members ? [{ to: members }] : []),
          ...(args.outbound ? [{ to: outside(args.outbound, args.reaches) }] : []),
        ]),
      },
    },
    parent,
  );
}

type IngressRule = import("@pulumi/kubernetes").types.input.networking.v1.NetworkPolicyIngressRule;
type EgressRule = import("@pulumi/kubernetes").types.input.networking.v1.NetworkPolicyEgressRule;

/** Rules that let a workload's callers in: one for each set of ports, with those that call just these. */
export function callersOf(name: string): Output<IngressRule[]> {
  const { calls } = surroundings("kubernetes");
  return output(calls.all).apply((all) => {
    const those = all.filter(({ to }) => to.workload === name);
    return byPorts(those, ({ from }) => from).map(([callers, ports]) => ({ from: callers.flatMap(placesOf), ports }));
  });
}

/** Rules that let a workload out to those that it calls. */
export function calledBy(name: string): Output<EgressRule[]> {
  const { calls } = surroundings("kubernetes");
  return output(calls.all).apply((all) => {
    const those = all.filter(({ from }) => from === name);
    return byPorts(those, ({ to }) => to.workload).map(([called, ports]) => ({ to: called.flatMap(placesOf), ports }));
  });
}

function byPorts(all: readonly Call[], other: (call: Call) => string) {
  const ports = Map.groupBy(all, other);
  const same = Map.groupBy(ports, ([, calls]) => calls.map(({ to }) => to.port).join());
  return [...same.values()].map((group): [names: string[], ports: { port: number; protocol: string }[]] => [
    group.map(([name]) => name),
    (group[0]?.[1] ?? []).map(({ to: { port } }) => ({ port, protocol: "TCP" })),
  ]);
}

/** Where a workload is: its pods, unless it has said something else. */
function placesOf(workload: string): Input<object>[] {
  const { places } = surroundings("kubernetes");
  return places.get(workload) ?? [{ podSelector: { matchLabels: selector(workload) } }];
}

/** Programs that form a cluster call one another on ports of their own choice. */
function peers(component: string) {
  return { podSelector: { matchLabels: { "app.kubernetes.io/component": component } } };
}

/** A Service and one of its ports. */
export interface Backend {
  name: Input<string>;
  port: Input<number>;
}

/** Lets the controller of the front door, and nobody else from outside, reach a port. */
export function allowFrontDoor(route: string, to: Backend, parent: ComponentResource): void {
  const { NetworkPolicy } = sdk.kubernetes().networking.v1;
  const { frontDoor } = surroundings("kubernetes");
  const controller = podsOf(frontDoor.controllerNamespace);
  object(
    NetworkPolicy,
    `${route}-route`,
    {
      metadata: metadata(`${route}-route`),
      spec: {
        podSelector: { matchLabels: selector(to.name) },
        policyTypes: ["Ingress"],
        ingress: [{ from: [controller], ports: [{ port: to.port, protocol: "TCP" }] }],
      },
    },
    parent,
  );
}

/** Lets the front door reach the pods that cert-manager makes, for some seconds, to prove that the domain is ours. */
export function allowChallenges(name: string, parent: ComponentResource): void {
  const { NetworkPolicy } = sdk.kubernetes().networking.v1;
  const { frontDoor } = surroundings("kubernetes");
  const controller = podsOf(frontDoor.controllerNamespace);
  object(
    NetworkPolicy,
    `${name}-challenges`,
    {
      metadata: metadata(`${name}-challenges`),
      spec: {
        podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
        policyTypes: ["Ingress"],
        ingress: [{ from: [controller], ports: [{ port: 8089, protocol: "TCP" }] }],
      },
    },
    parent,
  );
}

/** Every pod of a namespace. */
export function podsOf(namespace: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } }, podSelector: {} };
}

/** What is neither this cluster nor the network it stands in. */
export function internet() {
  return [{ ipBlock: { cidr: "0.0.0.0/0", except: internal } }, { ipBlock: { cidr: "::/0", except: internal6 } }];
}

/** The front door is a pod too, and it is asked for by the platform's own address: Git hosting signs people in by it. */
function outside(outbound: true | "internet", more: readonly string[] = []) {
  const { reachable = [], frontDoor } = surroundings("kubernetes");
  const company = outbound === "internet" ? [] : reachable;
  return [
    ...internet(),
    podsOf(frontDoor.controllerNamespace),
    ...[...company, ...more].map((cidr) => ({ ipBlock: { cidr } })),
  ];
}
