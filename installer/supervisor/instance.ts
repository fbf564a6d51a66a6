import { existsSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DevflowError } from "../../components/error.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { Identity } from "./process-table.ts";
import { writeAtomically } from "./write-atomically.ts";

/** What a running supervisor tells about itself in `<stack>/supervisor/daemon.json`. */
export interface Instance extends Identity {
  /** Where it listens: another temporary folder in the client's environment must not hide it. */
  socket: string;
  version: string;
}

/** Holds the lock until the process ends, however it ends. */
export interface InstanceLock {
  release(): void;
  /** False when its file was removed, so that another supervisor could take a lock of the same name. */
  intact(): boolean;
}

/**
 * The stack's lock for its one supervisor; undefined when another process has it. SQLite takes the locks of the operating
 * system, which Node itself does not offer: those vanish with the process that holds them, at whatever point it dies.
 */
export function lockInstance(paths: StackPaths): InstanceLock | undefined {
  const file = join(paths.supervisor, "lock");
  // Loaded here: clients read about instances, too, and need no database.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(file);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
  const { ino } = lstatSync(file);
  return {
    release: () => database.close(),
    intact: () => lstatSync(file, { throwIfNoEntry: false })?.ino === ino,
  };
}

const sqliteBusy = 5;

export function writeInstance(paths: StackPaths, instance: Instance): void {
  writeAtomically(instanceFile(paths), JSON.stringify(instance));
}

/** undefined when no supervisor ever ran here or its file cannot be read. */
export function readInstance(paths: StackPaths): Instance | undefined {
  try {
    return JSON.parse(readFileSync(instanceFile(paths), "utf8")) as Instance;
  } catch {
    return undefined;
  }
}

export function instanceFile(paths: StackPaths): string {
  return join(paths.supervisor, "daemon.json");
}

/**
 * Makes the folder of a socket, open to its owner only.
 *
 * @throws DevflowError SUPERVISOR_UNREACHABLE when somebody else owns it: under /tmp anybody could have made it.
 */
export function privateFolder(socket: string): void {
  const folder = dirname(socket);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = lstatSync(folder);
  const mine = entry.isDirectory() && entry.uid === process.getuid?.() && (entry.mode & 0o077) === 0;
  if (mine) return;
  throw new DevflowError("SUPERVISOR_UNREACHABLE", `${folder} is not a folder that only you can enter.`, {
    hint: `Remove it, or make it yours: chmod 700 ${folder}`,
  });
}
