import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({ folders: Type.Array(Type.String()) });

interface Outputs {
  root: string;
  node: string;
  hash: string;
  version: string;
}

/** This checkout as a program: where it is and what its services' source looks like. */
export const checkout: ResourceProvider<Type.Static<typeof Inputs>, Outputs> = {
  inputs: Inputs,
  preview: (_inputs, { host }) => ({ root: host.root, node: process.execPath }),
  identify: (_inputs, { host }) => host.root,
  async create(inputs, { host }) {
    return { id: host.root, outputs: await look(host.root, inputs.folders) };
  },
  update: (_id, inputs, _old, { host }) => look(host.root, inputs.folders),
  read: (_id, inputs, _outputs, { host }) => look(host.root, inputs.folders),
  async delete() {},
};

async function look(root: string, folders: string[]): Promise<Outputs> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return { root, node: process.execPath, hash: await hashOf(root, folders), version };
}

/** Over path, size and time of change of each source file: a git update touches what it changes. */
async function hashOf(root: string, folders: string[]): Promise<string> {
  const hash = createHash("sha256").update(root).update(process.execPath);
  const files: string[] = [];
  for await (const file of glob(
    folders.map((folder) => `${folder}/**/*.{ts,tsx,sql,html,css,js}`),
    { cwd: root },
  )) {
    if (!file.includes("node_modules")) files.push(file);
  }
  for (const file of ["package-lock.json", ...files.sort()]) {
    const { size, mtimeMs } = await stat(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}
