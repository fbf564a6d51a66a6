import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DevflowError } from "../../components/error.ts";

/** Writes a file so that a reader, or a crash at any point, sees either the old or the new content in full. Mode 0600. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await replaceFile(await writeAside(file, content), file);
}

/** The durable first half of `writeWhole`: the content in a temporary file beside it. */
export async function writeAside(file: string, content: string): Promise<string> {
  const temporary = `${file}.tmp`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

export async function replaceFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(to);
}

/** A second name for the file's present content, in one step; the file itself stays in place. */
export async function keepCopy(file: string, copy: string): Promise<void> {
  const temporary = `${copy}.tmp`;
  await rm(temporary, { force: true });
  await link(file, temporary).catch(() => copyFile(file, temporary, constants.COPYFILE_EXCL));
  await replaceFile(temporary, copy);
}

/** Makes renames and removals in the folder of `file` durable. */
export async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Turns "no space left" of any kind into DISK_FULL; other errors are returned as they are. */
export function diskError(error: unknown, file: string): unknown {
  const code = errorCode(error);
  if (code === undefined || !["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) return error;
  return new DevflowError("DISK_FULL", `There is no space left to write ${file}.`, {
    hint: "Free some space and run the same command again: it goes on where it stopped, nothing is lost.",
    cause: error,
  });
}

/** @throws DevflowError DISK_FULL in the place of "no space left". */
export async function orDiskFull<Value>(file: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw diskError(error, file);
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Resolves to undefined when the file is not there. */
export async function orMissing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
