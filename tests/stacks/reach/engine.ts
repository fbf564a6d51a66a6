import type { Evaluation } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import type { Cluster } from "./cluster.ts";

type Inputs = Record<string, unknown>;

interface Membership {
  name: string;
  aliases?: string[];
}

interface Container {
  name: string;
  ports: number[];
  networks: Membership[];
  texts: string[];
}

interface Network {
  name: string;
  internal: boolean;
  options?: Record<string, string>;
}

/** What is outside of an appliance, as a container may call it. */
const outside = "(outside)";

/**
 * The containers of an appliance, and who may connect to whom by their networks alone: a bridge has no direction and no
 * ports, so whoever is on it reaches whoever else is on it, unless the bridge keeps them apart or the other one listens
 * elsewhere.
 */
export function engineOf({ goals }: Evaluation): Cluster {
  const of = (type: string) => goals.filter((goal) => goal.type === type).map((goal) => reveal(goal.inputs) as Inputs);
  const networks = new Map(
    of("docker:index/network:Network").map((inputs) => [inputs.name as string, inputs as unknown as Network]),
  );
  const files = new Map(
    of("devflow:index:ContainerFiles").map((inputs) => [
      String(inputs.prefix),
      Object.values(inputs.files as Record<string, string>),
    ]),
  );
  const containers = new Map(
    of("docker:index/container:Container").map((inputs): [string, Container] => {
      const labels = new Map(
        (inputs.labels as { label: string; value: string }[]).map((one) => [one.label, one.value]),
      );
      const name = labels.get("dev.devflow.workload") ?? "";
      return [
        name,
        {
          name,
          ports: (labels.get("dev.devflow.ports") ?? "").split(",").filter(Boolean).map(Number),
          networks: inputs.networksAdvanced as Membership[],
          texts: [
            ...(inputs.envs as string[]),
            ...((inputs.command ?? []) as string[]),
            ...(files.get(`${inputs.name}-config`) ?? []),
          ],
        },
      ];
    }),
  );
  return {
    callers: [...containers.keys()],
    callees: [...[...containers.values()].map(({ name, ports }) => ({ name, ports })), { name: outside, ports: [443] }],
    connects: (from, to) => (to === outside ? getsOut(from) : meets(from, to)),
    groups: { "(inner network)": shared() },
    told: new Map([...containers.values()].map(({ name, texts }) => [name, texts])),
    workloadAt: (host) => (containers.has(host) ? host : undefined),
  };

  /** Those on the network that most are on. */
  function shared(): string[] {
    return [...containers.values()]
      .filter(({ networks: own }) => own.some(({ name }) => name.endsWith("-inner")))
      .map(({ name }) => name);
  }

  function getsOut(from: string): boolean {
    return must(containers, from).networks.some(({ name }) => !must(networks, name).internal);
  }

  function meets(from: string, to: string): boolean {
    const theirs = must(containers, from).networks.map(({ name }) => name);
    const called = must(containers, to);
    return called.networks.some(
      (membership) => theirs.includes(membership.name) && !isApart(membership.name) && listensOn(called, membership),
    );
  }

  function isApart(network: string): boolean {
    return must(networks, network).options?.["com.docker.network.bridge.enable_icc"] === "false";
  }
}

/** One with names of its own on networks has to listen at these alone: that it does is seen in what it is told. */
function listensOn({ name, networks, texts }: Container, membership: Membership): boolean {
  const inside = networks.flatMap(({ aliases = [] }) => aliases).filter((alias) => alias !== name);
  if (inside.length === 0) return true;
  const told = (address: string) => texts.some((text) => text.includes(address));
  if (!inside.every(told) || told("0.0.0.0")) {
    throw new Error(`${name} is called ${inside.join(", ")} on networks and does not listen there alone`);
  }
  return membership.aliases?.some((alias) => inside.includes(alias)) ?? false;
}

function must<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const found = map.get(name);
  if (found === undefined) throw new Error(`nothing here is called ${name}`);
  return found;
}
