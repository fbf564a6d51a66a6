import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sum } from "./layout.ts";
import type { Run } from "./run.ts";

/** A file of the offline folder by its name or, wherever it comes from, by its hash. */
export async function findOffline(run: Run, file: string, sum?: Sum): Promise<string | undefined> {
  const folder = run.settings.offline;
  if (!folder) return undefined;
  const names = [file, ...(sum ? [sum.hex, join("blobs", sum.algorithm, sum.hex)] : [])];
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  return undefined;
}
