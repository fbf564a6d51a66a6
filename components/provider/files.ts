import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Type } from "typebox";
import { FilePath, foldersOf } from "./file-path.ts";
import { handOver } from "./hand-over.ts";
import type { Context, ResourceProvider } from "./provider.ts";
import { writeAtomic } from "./write.ts";

const Inputs = Type.Object({
  folder: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }),
  /** Whether the program that reads them refuses root. */
  unprivileged: Type.Boolean(),
  /** By path below the folder. */
  files: Type.Record(FilePath, Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  path: string;
  hash: string;
}

/** Rendered configuration files; a file that somebody changed by hand is drift and is written again. */
export const files: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  replaceOn: ["folder"],
  preview: (inputs, { host }) => ({ path: host.paths.config(inputs.folder), hash: hashOf(inputs.files) }),
  identify: (inputs, { host }) => host.paths.config(inputs.folder),
  async create(inputs, context) {
    const outputs = await write(inputs, context);
    return { id: outputs.path, outputs };
  },
  update: (_id, inputs, _old, context) => write(inputs, context),
  async read(_id, inputs, outputs) {
    const found = await readAll(outputs.path, Object.keys(inputs.files));
    return found && { ...outputs, hash: hashOf(found) };
  },
  async delete(_id, _inputs, outputs) {
    await rm(outputs.path, { recursive: true, force: true });
  },
};

async function write(inputs: Inputs, { host }: Context): Promise<Outputs> {
  const path = host.paths.config(inputs.folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(inputs.files)) {
    await mkdir(dirname(join(path, name)), { recursive: true, mode: 0o700 });
    await writeAtomic(join(path, name), content);
  }
  const wanted = new Set(Object.keys(inputs.files).flatMap((name) => [name, ...foldersOf(name)]));
  for (const name of await readdir(path, { recursive: true })) {
    if (!wanted.has(name)) await rm(join(path, name), { recursive: true, force: true });
  }
  if (inputs.unprivileged) handOver(path, host);
  return { path, hash: hashOf(inputs.files) };
}

async function readAll(path: string, names: string[]): Promise<Record<string, string> | undefined> {
  const contents = await Promise.all(names.map((name) => readFile(join(path, name), "utf8").catch(() => undefined)));
  if (contents.includes(undefined)) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, contents[index] ?? ""]));
}

function hashOf(contents: Record<string, string>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(contents).sort()) hash.update(`${name}\0${contents[name]}\0`);
  return hash.digest("hex");
}
