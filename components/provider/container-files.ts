import { createHash } from "node:crypto";
import { Type } from "typebox";
import { type DockerEngine, dockerEngine } from "./docker/engine.ts";
import { withVolume } from "./docker/volume.ts";
import { FilePath, foldersOf } from "./file-path.ts";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  /** Address of the engine; absent: the usual one. */
  host: Type.Optional(Type.String()),
  /** First part of the volume's name. */
  prefix: Type.String({ pattern: "^[a-z][a-z0-9_.-]*$" }),
  /** Name of an image that is there: the volume is written to by a container of it that never starts. */
  image: Type.String(),
  /** Whom the files belong to; nobody else may read them. */
  user: Type.Integer({ minimum: 0 }),
  group: Type.Integer({ minimum: 0 }),
  labels: Type.Record(Type.String(), Type.String()),
  /** By path below the volume. */
  files: Type.Record(FilePath, Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  volume: string;
}

/**
 * Configuration files of a container, in a volume of their own. Its name follows from what is in it, so a change is a new
 * volume: a container has either all of the former files or all of the new ones. What is secret in them stands neither in
 * an image nor in what `docker inspect` shows.
 */
export const containerFiles: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  replaceOn: ["host", "prefix", "user", "group", "files"],
  preview: (inputs) => ({ volume: nameOf(inputs) }),
  identify: nameOf,
  async create(inputs) {
    await using engine = dockerEngine(inputs.host);
    await write(engine, inputs);
    return { id: nameOf(inputs), outputs: { volume: nameOf(inputs) } };
  },
  /** The image that writes and the labels of the volume are of no matter once it is written. */
  async update(_id, _inputs, old) {
    return old.outputs;
  },
  async read(_id, inputs, outputs) {
    await using engine = dockerEngine(inputs.host);
    if (!(await engine.find(`/volumes/${outputs.volume}`))) return undefined;
    const image = await engine.find(`/images/${encodeURIComponent(inputs.image)}/json`);
    // Without it nobody can look; a volume that is there was written whole.
    if (!image) return outputs;
    return await withVolume(engine, { ...outputs, image: inputs.image }, async ({ read }) => {
      const found = Object.fromEntries((await read()) ?? []);
      return hashOf(found) === hashOf(inputs.files) ? outputs : undefined;
    });
  },
  async delete(_id, inputs, outputs) {
    await using engine = dockerEngine(inputs.host);
    if (!(await engine.find(`/volumes/${outputs.volume}`))) return;
    await engine.call("DELETE", `/volumes/${outputs.volume}`);
  },
};

async function write(engine: DockerEngine, inputs: Inputs): Promise<void> {
  const { user, group, image, labels } = inputs;
  const volume = nameOf(inputs);
  const folders = [...new Set(Object.keys(inputs.files).flatMap(foldersOf))];
  await engine.call("POST", "/volumes/create", { Name: volume, Labels: labels });
  await withVolume(engine, { volume, image }, ({ write }) =>
    write([
      { path: "", mode: 0o500, user, group },
      ...folders.map((path) => ({ path, mode: 0o500, user, group })),
      ...Object.entries(inputs.files).map(([path, content]) => ({ path, content, mode: 0o400, user, group })),
    ]),
  );
}

function nameOf(inputs: Inputs): string {
  const owned = { ...inputs.files, "": `${inputs.user}:${inputs.group}` };
  return `${inputs.prefix}-${hashOf(owned).slice(0, 12)}`;
}

/** Over names and contents; twelve digits of it say nothing about a secret in a long text. */
function hashOf(contents: Record<string, string>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(contents).sort()) hash.update(`${name}\0${contents[name]}\0`);
  return hash.digest("hex");
}
