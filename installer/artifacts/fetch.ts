import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OfficialSource, PackageSource } from "../../components/catalogue/index.ts";
import type { Reporting } from "../../components/provider/host.ts";
import { download } from "./download.ts";
import { blobPath, lockPath, type Sum, sumOf } from "./layout.ts";
import { withLock } from "./lock.ts";
import { findOffline } from "./offline.ts";
import { nameOf, type Run } from "./run.ts";
import { Mismatch } from "./skipped.ts";
import { officialSum, officialUrl } from "./sources/official.ts";
import { packageUrl } from "./sources/packages.ts";
import { hashFile } from "./tree.ts";

export type FileSource = OfficialSource | PackageSource;

/** The archive of a source, verified, in the cache. */
export interface Blob {
  path: string;
  /** What the file is called at its source. */
  file: string;
  sum: Sum;
}

/** The archive without any network: from the cache of downloads or the offline folder. */
export async function fetchNearby(source: FileSource, run: Run, reporting: Reporting): Promise<Blob | undefined> {
  const file = fileOf(source);
  const sum = await sumFor(source, run, reporting.signal, false);
  if (!sum) return undefined;
  const path = blobPath(run.cache, sum);
  if (await exists(path)) {
    if ((await hashFile(path, sum.algorithm)) === sum.hex) return { path, file, sum };
    await rm(path, { force: true });
    reporting.report({ phase: "verifying", note: `${file} in the cache was damaged and has been removed` });
  }
  const offline = await findOffline(run, file, sum);
  if (!offline) return undefined;
  const found = await hashFile(offline, sum.algorithm);
  if (found !== sum.hex) throw new Mismatch(offline, `${sum.algorithm} ${sum.hex}`, found, "it was not used");
  await mkdir(dirname(path), { recursive: true });
  const copy = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await copyFile(offline, copy, constants.COPYFILE_FICLONE);
  await rename(copy, path);
  return { path, file, sum };
}

/** The archive from the network. @throws Skipped, DevflowError DISK_FULL */
export async function fetchRemote(source: FileSource, run: Run, reporting: Reporting): Promise<Blob> {
  const { signal } = reporting;
  const file = fileOf(source);
  const sum = await sumFor(source, run, signal, true);
  if (!sum) throw new Error(`no hash for ${file}`);
  const path = blobPath(run.cache, sum);
  // Two artifacts may want the same file at once; the second finds it there.
  const waiting = (pid: number) =>
    reporting.report({ phase: "waiting", note: `waiting for pid ${pid}, which downloads ${file}` });
  await withLock(lockPath(run.cache, sum.hex), { signal, waiting }, async () => {
    if (await exists(path)) return;
    const url =
      source.kind === "official"
        ? officialUrl(source.url, run.settings.mirrors.official)
        : await packageUrl(source, run, signal);
    await download(
      { url, label: nameOf(source), sum, size: source.size, target: path },
      run.web,
      run.settings.patience,
      reporting,
    );
  });
  return { path, file, sum };
}

function fileOf(source: FileSource): string {
  return source.kind === "official" ? basename(new URL(source.url).pathname) : source.file;
}

async function sumFor(source: FileSource, run: Run, signal: AbortSignal, network: boolean): Promise<Sum | undefined> {
  return source.kind === "official" ? officialSum(source, run, signal, network) : sumOf(source.digest);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
