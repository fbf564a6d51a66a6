import { statfs } from "node:fs/promises";
import { DevflowError } from "../../components/error.ts";

/** Kept free beside what is needed, so that nothing else on the disk fails because of a download. */
const reserve = 32 * 2 ** 20;

/** @throws DevflowError DISK_FULL when `folder`'s file system has less than `bytes` to spare. */
export async function requireSpace(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + reserve) throw diskFull(folder, bytes + reserve, free, what);
}

/** Turns the system's "no space left" and "permission denied" into what a person can act on; leaves other errors. */
export async function explainFileError(
  error: unknown,
  folder: string,
  bytes: number | undefined,
  what: string,
): Promise<unknown> {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return notWritable(folder, what, error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  const { bavail, bsize } = await statfs(folder);
  return diskFull(folder, bytes, bavail * bsize, what, error);
}

function notWritable(folder: string, what: string, cause: unknown): DevflowError {
  const reason = (cause as Error).message;
  return new DevflowError("ARTIFACT_UNAVAILABLE", `${what} cannot be put into the cache ${folder}: ${reason}`, {
    hint: "Give your user the right to write there, or set DEVFLOW_CACHE to a folder that it can write.",
    cause,
  });
}

function diskFull(folder: string, need: number | undefined, free: number, what: string, cause?: unknown): DevflowError {
  const needs = need === undefined ? "" : ` needs ${mib(need)} in ${folder} and`;
  return new DevflowError("DISK_FULL", `Not enough disk space: ${what}${needs || ` in ${folder}`} has ${mib(free)}.`, {
    hint: "Free some space there, or set DEVFLOW_CACHE to a folder on a larger disk, then run it again.",
    cause,
  });
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
