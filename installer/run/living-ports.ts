import type { StackPaths } from "../../components/provider/paths.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { portsFrom } from "../../stacks/ports.ts";
import { readRecords } from "../supervisor/records.ts";

/**
 * Ports that the programs of a local stack have, by what its supervisor wrote down. Settings say what will be after the
 * next `up`; until then another stack may have those ports, and nothing of ours may be sent to it.
 */
export function livingPorts(paths: StackPaths, { network }: Pick<Settings, "network">): ReturnType<typeof portsFrom> {
  return portsFrom(livingPort(paths) ?? network.port);
}

/** First port of the block that the programs have; undefined for a stack that never ran. */
export function livingPort(paths: StackPaths): number | undefined {
  const [port] = readRecords(paths).find(({ spec }) => spec.component === "postgres")?.spec.ports ?? [];
  return port === undefined ? undefined : port - portsFrom(0).postgres;
}
