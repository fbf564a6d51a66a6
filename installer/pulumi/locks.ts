import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Who holds a stack of a backend of files, as Pulumi writes it down (pkg/backend/diy/lock.go). */
export interface BackendLock {
  file: string;
  pid: number;
  user: string;
  host: string;
  since: Date;
  /** undefined: it is another machine's, so nobody can tell from here. */
  alive: boolean | undefined;
}

/** The locks of a stack; usually none or one. A file that cannot be read is taken for one of nobody's. */
export async function backendLocks(folder: string, stack: string): Promise<BackendLock[]> {
  const locks = join(folder, ".pulumi", "locks", "organization", "devflow", stack);
  const files = await readdir(locks).catch(() => []);
  return Promise.all(files.filter((file) => file.endsWith(".json")).map((file) => readLock(join(locks, file))));
}

export async function readLock(file: string): Promise<BackendLock> {
  const nobody = { pid: 0, username: "", hostname: hostname(), timestamp: 0 };
  const found = await readFile(file, "utf8")
    .then((text) => ({ ...nobody, ...(JSON.parse(text) as object) }))
    .catch(() => nobody);
  const mine = found.hostname === hostname();
  return {
    file,
    pid: found.pid,
    user: found.username,
    host: found.hostname,
    since: new Date(found.timestamp),
    alive: mine ? isAlive(found.pid) : undefined,
  };
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
