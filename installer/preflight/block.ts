import { internalPorts } from "../../stacks/config/schema/platform.ts";
import type { CheckInput } from "./check.ts";

/** A stack takes its ports from one block that begins at network.port. */
const size = internalPorts + 1;
/** Where to look when the block must leave the ports that need root. */
const firstChoice = 4400;

interface Network {
  port: number;
  bind: string;
}

export function inBlock(port: number, base: number): boolean {
  return port >= base && port < base + size;
}

/** The proxy listens where the settings say; the ports after its own are for this machine's programs among themselves. */
export function bindOf(port: number, { port: base, bind }: Network): string {
  return inBlock(port, base) && port !== base ? "127.0.0.1" : bind;
}

/** Begin of the first block after the configured one in which every port is free; undefined when there is none. */
export async function freeBlock(input: CheckInput): Promise<number | undefined> {
  const { port, bind } = input.settings.network;
  const start = port < 1024 ? firstChoice : port + size;
  for (let base = start; base + size <= 65536; base += size) {
    if (await allFree({ port: base, bind }, input)) return base;
  }
  return undefined;
}

async function allFree(network: Network, { owned, facts }: CheckInput): Promise<boolean> {
  for (let port = network.port; port < network.port + size; port++) {
    if (owned.ports.includes(port)) continue;
    if ((await facts.tryListen(bindOf(port, network), port)) !== undefined) return false;
    if ((await facts.tryListen("::1", port)) === "EADDRINUSE") return false;
  }
  return true;
}
