import { chmodSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Host } from "./host.ts";
import { giveFolder, unprivileged } from "./unprivileged.ts";

/**
 * Gives a folder of the stack to the user as which a program that refuses root runs, where that is another user than the
 * stack's: root's stack on a machine without user namespaces. That user may then pass through, not list, the folders above.
 */
export function handOver(path: string, host: Host): void {
  const { uid, gid } = unprivileged([]);
  if (uid === undefined || gid === undefined) return;
  for (let folder = dirname(path); folder.startsWith(host.home.home); folder = dirname(folder)) {
    chmodSync(folder, (statSync(folder).mode & 0o7777) | 0o001);
  }
  giveFolder(path, { uid, gid });
}
