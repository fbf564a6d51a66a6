import { readlinkSync } from "node:fs";
import { stackMarker } from "../supervisor/marker.ts";
import { environmentOf } from "./processes.ts";

/** A stack of DevFlow that another command line may have made. */
export interface HolderStack {
  name: string;
  /** Its folder, below the DEVFLOW_HOME that it was made with. */
  folder: string;
}

/**
 * The stack that a process belongs to, by its marker and the log that it writes to; undefined for any other program and
 * where /proc does not show it (macOS, another user's process).
 */
export function stackOfProcess(pid: number, proc = "/proc"): HolderStack | undefined {
  const { DEVFLOW_PROCESS: marker } = environmentOf(pid, proc);
  if (marker === undefined) return undefined;
  const [, home = "", name = ""] = /^(.*)\/stacks\/([^/]+)\/logs\/[^/]+\.log$/.exec(outputOf(pid, proc)) ?? [];
  const folder = `${home}/stacks/${name}`;
  return name !== "" && marker.startsWith(`${stackMarker(folder)}/`) ? { name, folder } : undefined;
}

function outputOf(pid: number, proc: string): string {
  try {
    return readlinkSync(`${proc}/${pid}/fd/1`);
  } catch {
    return "";
  }
}
