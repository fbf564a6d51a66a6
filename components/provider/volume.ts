import { chmod, mkdir, rm, stat } from "node:fs/promises";
import { Type } from "typebox";
import { handOver } from "./hand-over.ts";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({ folder: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }), unprivileged: Type.Boolean() });

interface Outputs {
  path: string;
  /** Folder for Unix sockets, short enough for their addresses. */
  sockets: string;
}

/** A data folder of mode 0700 in the stack. */
export const volume: ResourceProvider<Type.Static<typeof Inputs>, Outputs> = {
  inputs: Inputs,
  replaceOn: ["folder"],
  preview: (inputs, { host }) => ({ path: host.paths.data(inputs.folder), sockets: host.paths.sockets }),
  identify: (inputs, { host }) => host.paths.data(inputs.folder),
  async create(inputs, { host }) {
    const path = host.paths.data(inputs.folder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    if (inputs.unprivileged) handOver(path, host);
    await mkdir(host.paths.sockets, { recursive: true, mode: 0o700 });
    return { id: path, outputs: { path, sockets: host.paths.sockets } };
  },
  async read(_id, _inputs, outputs) {
    const there = await stat(outputs.path).catch(() => undefined);
    return there?.isDirectory() ? outputs : undefined;
  },
  async delete(_id, _inputs, outputs) {
    await rm(outputs.path, { recursive: true, force: true });
  },
};
