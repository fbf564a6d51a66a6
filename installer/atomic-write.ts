import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DevflowError } from "../components/error.ts";

/**
 * Replaces a file in one step with mode 0600: a reader sees the old content or the new, also after a crash. A link is
 * followed, so that what it points at is replaced.
 * @throws DevflowError DISK_FULL or COMMAND_FAILED
 */
export async function atomicWrite(file: string, content: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(file, error as NodeJS.ErrnoException);
  }
}

/** What a failed write means to a person. */
export function writeError(file: string, error: NodeJS.ErrnoException): DevflowError {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") {
    return new DevflowError("DISK_FULL", `${file} could not be written: the disk is full.`, {
      hint: "Free some space and run the command again; the file is as it was.",
      cause: error,
    });
  }
  return new DevflowError("COMMAND_FAILED", `${file} could not be written: ${error.message}.`, {
    hint: "Name a file in a folder you may write to with --answers; the file is as it was.",
    cause: error,
  });
}
