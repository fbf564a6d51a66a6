import type { ComponentResource, Input, Output } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { sdk } from "../sdk.ts";
import { surroundings } from "../surroundings.ts";
import type { Call } from "./calls.ts";
import type { WorkloadArgs } from "./workload/index.ts";

/** A network that a container is on, and by which names others find it there. */
export interface Membership {
  name: Input<string>;
  aliases?: string[];
}

/** The name of a container on the inner network and on no other: who listens on it can be called there only. */
export function insideName(workload: string): string {
  return `${workload}.inside`;
}

/** Its names on the networks that it listens on. */
export function insideNames(workload: string, { inside = false }: WorkloadArgs): string[] {
  const others = typeof inside === "boolean" ? [] : inside;
  return [insideName(workload), ...others.map((caller) => nameFor(workload, caller))];
}

/** Its name on the network of one that is confined, and on no other. */
function nameFor(workload: string, caller: string): string {
  return `${workload}.for-${caller}`;
}

/**
 * Makes the network of a workload that is confined: nothing leads out of it, and on it are the workload, those that it
 * calls and those that call it. With another one that is confined it meets on a network of these two.
 */
export function confine(workload: string, { calls = [] }: WorkloadArgs, parent: ComponentResource): void {
  const { confined } = surroundings("docker");
  const pairs = new Set(calls.map((door) => door.workload).filter((called) => confined.has(called)));
  for (const called of pairs) confined.set(pair(workload, called), makeNetwork(pair(workload, called), parent));
  confined.set(workload, makeNetwork(workload, parent));
}

function pair(caller: string, called: string): string {
  return `${caller}-to-${called}`;
}

function makeNetwork(of: string, parent: ComponentResource): Output<string> {
  const { prefix, provider, subnetOf } = surroundings("docker");
  const { Network } = sdk.docker();
  const subnet = subnetOf?.(of);
  return child(
    Network,
    of,
    {
      name: `${prefix}-of-${of}`,
      driver: "bridge",
      internal: true,
      labels: [{ label: "dev.devflow.stack", value: prefix }],
      ...(subnet !== undefined && { ipamConfigs: [{ subnet }] }),
    },
    parent,
    undefined,
    // Another subnet is another network of the same name.
    { ...(provider && { provider }), deleteBeforeReplace: true },
  ).name;
}

/** The networks of a container, known when all calls are. */
export function networksOf(workload: string, args: WorkloadArgs): Output<Membership[]> {
  const { calls, confined } = surroundings("docker");
  return output(calls.all).apply((all) => output(memberships(workload, args, all, confined)));
}

/**
 * A bridge has no direction and knows no ports: whoever is on it can call whoever else is on it. So what is confined has
 * one of its own, to which others come. Those that it calls have their names there.
 */
function memberships(
  workload: string,
  { confined: own = false, outbound, inside }: WorkloadArgs,
  all: readonly Call[],
  confined: ReadonlyMap<string, Input<string>>,
): Membership[] {
  const around = surroundings("docker");
  const aliases = [workload];
  const calls = (from: string, to: string) => all.some((call) => call.from === from && call.to.workload === to);
  const between = all.filter(({ from, to }) => confined.has(from) && confined.has(to.workload));
  const theirs = between
    .filter(({ from, to }) => from === workload || to.workload === workload)
    .map(({ from, to }) => ({ name: networkOf(pair(from, to.workload), confined), aliases }));
  if (own) {
    return [{ name: networkOf(workload, confined), aliases }, ...theirs, ...(outbound ? [{ name: around.alone }] : [])];
  }
  const joined = [...confined].flatMap(([other, name]): Membership[] => {
    if (calls(other, workload)) return [{ name, aliases: inside ? [workload, nameFor(workload, other)] : aliases }];
    return calls(workload, other) ? [inside ? { name } : { name, aliases }] : [];
  });
  return [
    { name: around.network, aliases: inside ? [workload, insideName(workload)] : aliases },
    ...joined,
    ...(outbound ? [{ name: around.outer }] : []),
  ];
}

/** @throws Error for two that are confined, of which the one that is called is declared after its caller */
function networkOf(name: string, confined: ReadonlyMap<string, Input<string>>): Input<string> {
  const found = confined.get(name);
  if (found === undefined) throw new Error(`there is no network ${name}: declare what it calls first`);
  return found;
}
