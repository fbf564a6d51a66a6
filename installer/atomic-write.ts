import { realpath } from "node:fs/promises";
import { DevflowError } from "../components/error.ts";
import { diskFull, writeAtomic } from "../components/provider/write.ts";

/**
 * Replaces a file in one step with mode 0600: a reader sees the old content or the new, also after a crash. A link is
 * followed, so that what it points at is replaced.
 * @throws DevflowError DISK_FULL or COMMAND_FAILED
 */
export async function atomicWrite(file: string, content: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  await writeAtomic(target, content).catch((error) => Promise.reject(writeError(file, error)));
}

/** What a failed write means to a person. */
export function writeError(file: string, error: unknown): DevflowError {
  if (error instanceof DevflowError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return (
    diskFull(error, file) ??
    new DevflowError("COMMAND_FAILED", `${file} could not be written: ${message}.`, {
      hint: "Name a file in a folder you may write to with --answers; the file is as it was.",
      cause: error,
    })
  );
}
