import { dockerEngine } from "../../components/provider/docker/engine.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { findHolders } from "../machine/holders.ts";
import { family, isAlive, processTable } from "../supervisor/process-table.ts";
import { readRecords } from "../supervisor/records.ts";
import type { PreflightInput } from "./check.ts";

/**
 * What the stack's own running programs hold already. A port that one of them should have but somebody else took is not
 * theirs.
 */
export async function ownedBy(paths: StackPaths): Promise<PreflightInput["owned"]> {
  const running = readRecords(paths).flatMap(({ spec, main }) => (main && isAlive(main) ? [{ spec, main }] : []));
  if (running.length === 0) return { ports: [], pids: [] };
  const rows = await processTable();
  const pids = running.flatMap(({ main }) => family(rows, main).map(({ pid }) => pid));
  const ports = running.flatMap(({ spec }) => spec.ports);
  const own = new Set(pids);
  const foreign = new Set(
    (await findHolders(ports)).filter(({ pid }) => pid !== undefined && !own.has(pid)).map(({ port }) => port),
  );
  return { ports: ports.filter((port) => !foreign.has(port)), pids };
}

/** Ports that the stack's own containers have published; none when the engine does not answer, which a check will say. */
export async function ownedByContainers(settings: Settings): Promise<PreflightInput["owned"]> {
  const label = [`dev.devflow.stack=devflow-${settings.stack.name}`];
  const filters = encodeURIComponent(JSON.stringify({ label }));
  try {
    await using engine = dockerEngine(settings.docker.host);
    const found = await engine.call<{ Ports: { PublicPort?: number }[] }[]>(
      "GET",
      `/containers/json?filters=${filters}`,
    );
    return { ports: found.flatMap(({ Ports }) => Ports.flatMap(({ PublicPort }) => PublicPort ?? [])), pids: [] };
  } catch {
    return { ports: [], pids: [] };
  }
}
