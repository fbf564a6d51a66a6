import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DevflowError } from "../components/error.ts";
import { writeError } from "./atomic-write.ts";

/** How long to wait for another writer, in milliseconds. Changing a file takes a few, so this is long. */
const patience = 10_000;

/**
 * Runs `action` while no other process does so for the same file. The lock is a file beside it that names its holder; the
 * lock of a process that is gone is taken over.
 * @param wait for how many milliseconds another holder is waited for
 * @throws DevflowError LOCKED when a live process holds it longer than that, or as `atomicWrite` where it cannot be made.
 */
export async function withFileLock<T>(file: string, action: () => Promise<T>, wait: number = patience): Promise<T> {
  const lock = `${await realpath(file).catch(() => file)}.lock`;
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  const deadline = Date.now() + wait;
  await mkdir(dirname(lock), { recursive: true }).catch((error) => Promise.reject(writeError(file, error)));
  while (!(await take(lock, token).catch((error) => Promise.reject(writeError(file, error))))) {
    const holder = await read(lock);
    if (holder !== undefined && isGone(holder)) await clear(lock, holder);
    else if (Date.now() > deadline) throw locked(file, lock, holder);
    // A random pause, so that many waiters do not come back together.
    else await pause(5 + Math.random() * 20);
  }
  try {
    return await action();
  } finally {
    if ((await read(lock)) === token) await rm(lock, { force: true });
  }
}

/** Links a complete file into place, so that nobody ever reads a lock without its holder. */
async function take(lock: string, token: string): Promise<boolean> {
  const mine = `${lock}.${randomUUID()}`;
  const handle = await open(mine, "wx", 0o600);
  try {
    await handle.writeFile(token);
    await handle.close();
    await link(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Moves a dead holder's lock away. Between reading and moving another may have done so and taken the lock: then it is put back. */
async function clear(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await read(aside)) !== holder) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

function isGone(holder: string): boolean {
  const { pid, host } = parsed(holder);
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function parsed(holder: string): { pid?: number; host?: string } {
  try {
    return JSON.parse(holder);
  } catch {
    return {};
  }
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}

function locked(file: string, lock: string, holder: string | undefined): DevflowError {
  const { pid, host } = parsed(holder ?? "");
  const who = pid === undefined ? "another process" : `process ${pid} on ${host}`;
  return new DevflowError("LOCKED", `${file} is being changed by ${who}.`, {
    hint: `Try again when it is done. If no such process exists, remove ${lock}.`,
  });
}
