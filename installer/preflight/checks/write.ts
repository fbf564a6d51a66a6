import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Check, CheckInput, Finding } from "../check.ts";
import { nearestExisting } from "../machine/folders.ts";

export const write: Check = {
  name: "write",
  title: "Write rights",
  why: "DevFlow keeps its data in one folder and its programs in another, and must write both and run what is in the second.",
  async run(input, signal) {
    const { home } = input;
    const findings = [
      await tryFolder("data", home.home, "HOME", input, signal),
      await tryFolder("cache", home.cache, "CACHE", input, signal),
    ];
    const failed = findings.find(({ status }) => status === "fail");
    return failed ?? { status: "ok", result: `${home.home} and ${home.cache} can be written` };
  },
};

/** Writes, syncs and renames a file and runs it as a script, in the folder or where the folder will be made. */
async function tryFolder(
  what: string,
  path: string,
  variable: string,
  { facts }: CheckInput,
  signal: AbortSignal,
): Promise<Finding> {
  const parent = await nearestExisting(path);
  const place = parent === path ? path : `${path} (to be made in ${parent})`;
  const fix = `Give yourself the right to write there, or choose another folder: \`DEVFLOW_${variable}=/path ./devflow up\``;
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(parent, ".devflow-preflight-"));
    const script = await writeScript(folder);
    // Only programs in the cache are run; a data folder that forbids it is even good practice.
    if (what === "cache" && (await facts.exec([script], signal)).code !== 0 && !signal.aborted) {
      const result = `programs in ${place} may not be run: it is mounted noexec`;
      return {
        status: "fail",
        result,
        fix: `Choose a folder where programs may run: \`DEVFLOW_${variable}=/path ./devflow up\``,
      };
    }
    return { status: "ok", result: `${place} can be written` };
  } catch (error) {
    return { status: "fail", result: `${what} folder ${place} cannot be written: ${reason(error)}`, fix };
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

async function writeScript(folder: string): Promise<string> {
  const draft = join(folder, "draft");
  const file = await open(draft, "wx", 0o700);
  try {
    await file.writeFile("#!/bin/sh\nexit 0\n");
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, "script"));
  return join(folder, "script");
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    EDQUOT: "your quota is used up",
    ENOTDIR: "a part of the path is a file",
  };
  return words[code ?? ""] ?? message;
}
