import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { create, extract } from "tar";
import type { Reporting } from "../../components/provider/host.ts";
import type { Run } from "./run.ts";
import { Mismatch, Skipped } from "./skipped.ts";
import { damage, readManifest } from "./tree.ts";

/** Packs a complete artifact into `<folder>/<id>.tar.gz`, which `artifacts.offline` of another machine can name. */
export async function packPrebuilt(path: string, id: string, folder: string): Promise<string> {
  const file = join(folder, `${id}.tar.gz`);
  await create({ gzip: true, file: `${file}.partial`, cwd: path, portable: true }, ["."]);
  await rename(`${file}.partial`, file);
  return file;
}

/**
 * Fills the draft from `<offline>/<id>.tar.gz`, if it is there, and checks every file against the manifest inside.
 * That proves it whole, not genuine: who may write the offline folder is trusted.
 */
export async function restorePrebuilt(
  id: string,
  draft: string,
  run: Run,
  reporting: Reporting,
): Promise<string | undefined> {
  const file = join(run.settings.offline ?? "", `${id}.tar.gz`);
  if (!(await stat(file).catch(() => undefined))?.isFile()) return undefined;
  reporting.report({ phase: "unpacking", note: file });
  await extract({ file, cwd: draft, strict: true, preserveOwner: false }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOSPC" || cause.code === "EDQUOT") throw cause;
    throw new Skipped(`${file} cannot be unpacked: ${cause.message}`, { cause });
  });
  const manifest = await readManifest(draft);
  if (!manifest) throw new Skipped(`${file} has no manifest`);
  const [bad] = await damage(draft, manifest);
  if (bad) throw new Mismatch(file, `the manifest's hash of ${bad}`, "another", "it was not used");
  await rm(join(draft, ".devflow-artifact.json"));
  return manifest.evidence;
}
