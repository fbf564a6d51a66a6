import type { StackPaths } from "../../components/provider/paths.ts";
import { family, isAlive, processTable } from "../supervisor/process-table.ts";
import { readRecords } from "../supervisor/records.ts";
import type { PreflightInput } from "./check.ts";
import { findHolders } from "./machine/holders.ts";

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
