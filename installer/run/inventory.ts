import { glob, readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { StackPaths } from "../../components/provider/paths.ts";
import { stackState } from "../state.ts";

/** What a stack holds that cannot be made again. */
export interface Inventory {
  databases: string[];
  buckets: string[];
  /** Git repositories as `owner/name`; wikis belong to theirs. */
  repositories: string[];
  /** Bytes of each component's data folder, the largest first. */
  data: { name: string; bytes: number }[];
}

/** Looks into state and data folders; a state that cannot be read hides only names. */
export async function inventoryOf(paths: StackPaths): Promise<Inventory> {
  const snapshot = await stackState(paths)
    .load()
    .catch(() => undefined);
  const named = (type: string, key: string) =>
    [...(snapshot?.resources.values() ?? [])]
      .filter((resource) => resource.type === `devflow:index:${type}`)
      .map(({ inputs }) => String(inputs[key]));
  const folders = await readdir(paths.data("")).catch(() => []);
  const data = await Promise.all(folders.map(async (name) => ({ name, bytes: await sizeOf(paths.data(name)) })));
  return {
    databases: named("PostgresDatabase", "name"),
    buckets: named("S3Bucket", "bucket"),
    repositories: await repositoriesIn(paths.data("code")),
    data: data.sort((one, other) => other.bytes - one.bytes),
  };
}

/** Bare repositories of Gitea (`[repository] ROOT`, by owner), told by what Git itself wants of one. */
async function repositoriesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const head of glob("repositories/*/*.git/HEAD", { cwd: folder })) {
    const [, owner = "", name = ""] = head.split(sep);
    if (!name.endsWith(".wiki.git")) found.push(`${owner}/${name.replace(/\.git$/, "")}`);
  }
  return found.sort();
}

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return sizeOf(inner);
    // Blocks rather than length: databases and object stores keep sparse files.
    return stat(inner).then(
      ({ blocks }) => blocks * 512,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
