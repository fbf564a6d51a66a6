import { stat } from "node:fs/promises";
import { isLocalhost } from "../../components/address.ts";
import { upstream } from "../../components/catalogue/index.ts";
import type { Artifacts } from "../../components/provider/host.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import { type ComponentName, internalPorts, memoryOf, type Settings } from "../../stacks/config/index.ts";
import { programs } from "../../stacks/programs.ts";
import { readRecords } from "../supervisor/records.ts";
import type { Needs } from "./check.ts";

const mebibyte = 1024 * 1024;

/**
 * What a stack needs, from profile and catalogue alone: without network, engine or a state that can be read. A plan
 * knows it more exactly.
 */
export async function estimateNeeds(
  settings: Settings,
  { paths, artifacts }: { paths: StackPaths; artifacts: Pick<Artifacts, "has"> },
): Promise<Needs> {
  const memory = memoryOf(settings);
  // Containers bring their own programs and keep their data with the engine, which has checks of its own.
  if (settings.stack.kind === "onprem") {
    return { memory: memory.total, disk: { cache: 0, data: 0 }, ports: publicPorts(settings) };
  }
  const used = (Object.keys(memory.components) as ComponentName[]).flatMap((name) => programs[name]).map(upstream);
  const present = await Promise.all(used.map((program) => artifacts.has(program)));
  const missing = used.filter((_, index) => !present[index]);
  const fresh = await Promise.all(used.map(({ name }) => isFresh(paths.data(name))));
  return {
    memory: memory.total,
    disk: {
      // The download stays in the cache beside what is unpacked from it.
      cache: missing.reduce((sum, { disk }) => sum + 2 * disk.program * mebibyte, 0),
      data: used.reduce((sum, { disk }, index) => sum + (fresh[index] ? disk.data * mebibyte : 0), 0),
    },
    ports: portsOf(settings, paths),
  };
}

/** A stack that was up says itself which ports it has; for a new one it is the whole block that the settings promise. */
function portsOf({ network }: Settings, paths: StackPaths): Needs["ports"] {
  const known = readRecords(paths).flatMap(({ spec }) =>
    spec.ports.map((port) => ({ component: spec.component, port })),
  );
  const inner = ({ port }: { port: number }) => port > network.port && port <= network.port + internalPorts;
  const block = Array.from({ length: internalPorts }, (_, index) => ({
    component: "platform",
    port: network.port + 1 + index,
  }));
  const own = known.filter(inner);
  return [...publicPorts({ network }), ...(own.length > 0 ? own : block)];
}

function publicPorts({ network }: Pick<Settings, "network">): Needs["ports"] {
  // Certificates by ACME need the standard ports.
  const ports = network.tls === "auto" && !isLocalhost(network.domain) ? [80, 443] : [network.port];
  return ports.map((port) => ({ component: "proxy", port }));
}

function isFresh(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => false,
    () => true,
  );
}
