import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { alive, processStart } from "../process-identity.ts";

/**
 * Holds `folder` for this process while `work` runs. Contenders each put a file of their own name into the folder, look
 * whether another live one is there, and if so take theirs back and wait: two can never both find themselves alone.
 * Files of dead processes are swept, so that a kill -9 locks nobody out. `waiting` is told the pid that is waited for.
 */
export async function withLock<T>(
  folder: string,
  options: { signal: AbortSignal; waiting: (pid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const file = await acquire(folder, options);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(
  folder: string,
  options: { signal: AbortSignal; waiting: (pid: number) => void },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const own = `${process.pid}.${await processStart(process.pid)}.${randomBytes(4).toString("hex")}`;
  const file = join(folder, own);
  for (;;) {
    options.signal.throwIfAborted();
    await writeFile(file, "");
    const holder = await otherHolder(folder, own);
    if (holder === undefined) return file;
    await rm(file, { force: true });
    options.waiting(holder);
    // The random part parts two that started at the same moment.
    await sleep(50 + Math.random() * 150, undefined, { signal: options.signal }).catch(() => {});
  }
}

/** Pid of a live contender other than `own`; sweeps the dead. */
async function otherHolder(folder: string, own: string): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    if (name === own) continue;
    const [pid, started = ""] = name.split(".");
    if (await alive({ pid: Number(pid), started })) return Number(pid);
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}
