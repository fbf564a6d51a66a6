import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DevflowError } from "../error.ts";

/**
 * Writes a file so that a reader, or a crash at any point, sees either the old content or the new one. The folder is
 * made when missing (mode 0700).
 *
 * @throws DevflowError DISK_FULL
 */
export async function writeAtomic(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw diskFull(error, file) ?? error;
  }
}

/** A rename is durable only when its folder has been synced too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The error a person should see when the disk is full; undefined for every other error. */
export function diskFull(error: unknown, path: string): DevflowError | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return undefined;
  return new DevflowError("DISK_FULL", `No space left to write ${path}.`, {
    hint: "Free some space on that disk and run the same command again; nothing that was there is lost.",
    cause: error,
  });
}
