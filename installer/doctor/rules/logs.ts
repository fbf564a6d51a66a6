import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { bytes } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/** Logs are rotated at 10 MiB and six files are kept a process, so more than this is something else's doing. */
const large = 2 * 1024 ** 3;

export const logs: Rule = {
  id: "logs",
  async run({ paths }) {
    const files = await sizes(paths.logs);
    const total = files.reduce((sum, { size }) => sum + size, 0);
    if (total < large) return [];
    const largest = files.sort((a, b) => b.size - a.size).slice(0, 5);
    return [
      {
        id: "logs-large",
        severity: "warning",
        title: `the logs take ${bytes(total)}`,
        detail: "Some process writes faster than its log is rotated, or old files were left behind.",
        evidence: largest.map(({ path, size }) => `${bytes(size)} ${path}`),
        fix: { command: `rm ${paths.logs}/*.log.?   (only the rotated files)`, safe: false },
      },
    ];
  },
};

async function sizes(folder: string): Promise<{ path: string; size: number }[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.map(async (name) => {
    const path = join(folder, name);
    // Blocks, not length: a sparse file takes no room.
    return stat(path).then(
      ({ blocks }) => [{ path, size: blocks * 512 }],
      () => [],
    );
  });
  return (await Promise.all(files)).flat();
}
