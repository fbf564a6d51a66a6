import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readFileSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

const manifestFile = ".devflow-artifact.json";

/** What stands in an artifact's folder; written last, so that a folder with it is complete. */
export const Manifest = Type.Object({
  format: Type.Literal(1),
  name: Type.String(),
  version: Type.String(),
  platform: Type.String(),
  /** Address or package URL it came from. */
  source: Type.String(),
  /** Hash of the download, or what it was built with. */
  evidence: Type.String(),
  /** ISO 8601. */
  made: Type.String(),
  bytes: Type.Integer(),
  files: Type.Array(Type.Object({ path: Type.String(), size: Type.Integer(), sha256: Type.String() })),
  links: Type.Record(Type.String(), Type.String()),
});
export type Manifest = Static<typeof Manifest>;

/** Compiled, since a manifest names thousands of files and is read by every command that looks at programs. */
const manifestSchema = Compile(Manifest);

/** The manifest of a complete artifact, or undefined. Cheap: compares sizes, not content. */
export async function readComplete(folder: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  // A power cut can leave files empty that were renamed before their content reached the disk.
  for (const file of manifest.files) {
    if (lstatSync(join(folder, file.path), { throwIfNoEntry: false })?.size !== file.size) return undefined;
  }
  return manifest;
}

export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, manifestFile), "utf8"));
    return manifestSchema.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Describes a finished draft and renames it to its place. A reader sees all of it or nothing. */
export async function publish(
  draft: string,
  target: string,
  about: Omit<Manifest, "format" | "made" | "bytes" | "files" | "links">,
): Promise<Manifest> {
  const files: Manifest["files"] = [];
  const links: Manifest["links"] = {};
  for (const path of await walk(draft)) {
    const full = join(draft, path);
    const found = await lstat(full);
    if (found.isSymbolicLink()) links[path] = await readlink(full);
    else {
      await chmod(full, found.mode & 0o111 ? 0o755 : 0o644);
      files.push({ path, size: found.size, sha256: await hashOf(full, found.size) });
    }
  }
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const manifest: Manifest = { format: 1, ...about, made: new Date().toISOString(), bytes, files, links };
  await writeFile(join(draft, manifestFile), JSON.stringify(manifest));
  await mkdir(dirname(target), { recursive: true });
  // What stands there was found incomplete; it leaves under a draft's name, which is swept.
  await rename(target, `${draft}.old`).catch(() => {});
  await rename(draft, target);
  await rm(`${draft}.old`, { recursive: true, force: true });
  return manifest;
}

/** Files whose content is not what the manifest says, and files that are missing. */
export async function damage(folder: string, manifest: Manifest): Promise<string[]> {
  const bad: string[] = [];
  for (const file of manifest.files) {
    const found = await hashOf(join(folder, file.path), file.size).catch(() => "missing");
    if (found !== file.sha256) bad.push(file.path);
  }
  for (const [path, target] of Object.entries(manifest.links)) {
    if ((await readlink(join(folder, path)).catch(() => undefined)) !== target) bad.push(path);
  }
  return bad;
}

/** Small files are read at once: a stream each would take most of the time of a folder of ten thousand. */
async function hashOf(file: string, size: number): Promise<string> {
  if (size > 1 << 20) return hashFile(file, "sha256");
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

export async function hashFile(
  file: string,
  algorithm: "sha256" | "sha512",
  count?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hash.update(chunk);
      count?.(chunk.length);
    }
  });
  return hash.digest("hex");
}

/**
 * A folder that other users can read whatever the umask is: a program that refuses root is started as another user.
 */
export async function openFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

/** Relative paths of all files and links, sorted. */
async function walk(folder: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) {
      await chmod(join(folder, path), 0o755);
      paths.push(...(await walk(folder, path)));
    } else paths.push(path);
  }
  return paths.sort();
}
