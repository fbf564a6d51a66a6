import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { DevflowError } from "../../error.ts";
import { type DockerEngine, dockerEngine } from "../docker/engine.ts";
import { executeIn } from "../docker/exec.ts";
import { openRelay } from "../docker/relay.ts";
import type { Execution } from "./index.ts";
import type { Endpoint, Reach, Way } from "./reach.ts";

type By = Extract<Reach, { kind: "docker" }>;

/**
 * Containers are on a network of their own. Where this machine is on it too, as the engine's own host is, the way is the
 * container's address; else (a remote engine, a rootless one, a virtual machine) it leads through a container beside it.
 */
export async function open(reach: By, endpoint: Endpoint, signal: AbortSignal): Promise<Way> {
  const engine = dockerEngine(reach.host);
  try {
    const networks = await networksOf(engine, reach.container);
    const near = networks.find(({ names, ...its }) => names.includes(endpoint.host) && isNear(engine, its));
    const address = near && { host: near.address, port: endpoint.port };
    if (address && (await answers(address, signal))) {
      await engine[Symbol.asyncDispose]();
      return { ...address, async [Symbol.asyncDispose]() {} };
    }
    if (!reach.relay) throw noWay(reach, endpoint);
    // One on which it has this name; on others it may be without one.
    const named = networks.find(({ names }) => names.includes(endpoint.host)) ?? networks[0];
    return await openRelay(engine, { network: named?.name ?? "", image: reach.relay }, endpoint, signal);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Runs a program in the container itself. */
export async function execute(reach: By, execution: Execution): Promise<string> {
  await using engine = dockerEngine(reach.host);
  return await executeIn(engine, reach.container, execution);
}

interface Place {
  name: string;
  address: string;
  /** Bits of the network's part of the address. */
  prefix: number;
}

async function networksOf(engine: DockerEngine, container: string): Promise<(Place & { names: string[] })[]> {
  const found = await engine.find<{
    NetworkSettings: {
      Networks: Record<string, { IPAddress: string; IPPrefixLen: number; Aliases: string[] | null }>;
    };
  }>(`/containers/${container}/json`);
  if (!found) {
    throw new DevflowError("NOT_RUNNING", `There is no container ${container}.`, {
      hint: "`docker ps -a` shows what there is; `./devflow up` makes it anew.",
    });
  }
  return Object.entries(found.NetworkSettings.Networks).map(([name, its]) => ({
    name,
    address: its.IPAddress,
    prefix: its.IPPrefixLen,
    names: [container, ...(its.Aliases ?? [])],
  }));
}

/** Only an engine on this machine gives it an address on the container's network; elsewhere the same numbers are others'. */
function isNear({ address }: DockerEngine, { address: container, prefix }: Omit<Place, "name">): boolean {
  if (!address.socketPath || !container) return false;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return own.some(({ family, cidr, address: host }) => {
    if (family !== "IPv4" || Number(cidr?.split("/")[1]) !== prefix) return false;
    return networkPart(host, prefix) === networkPart(container, prefix);
  });
}

function networkPart(address: string, prefix: number): number {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(number / 2 ** (32 - prefix));
}

/** Whether packets get there. A refusal does: then the program does not listen, which the caller will find out. */
function answers({ host, port }: Endpoint, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
}

function noWay({ container }: By, { host, port }: Endpoint): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `There is no way from here to ${host}:${port} in Docker's network.`, {
    hint: `The engine runs on another machine or in another network namespace, and no image with Node is known to relay through (container ${container}). Run the command on the engine's own machine, or set images.glue.`,
    docs: "onprem",
  });
}
