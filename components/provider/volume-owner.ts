import { Type } from "typebox";
import { dockerEngine } from "./docker/engine.ts";
import { withVolume } from "./docker/volume.ts";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  host: Type.Optional(Type.String()),
  volume: Type.String(),
  /** Name of an image that is there. */
  image: Type.String(),
  user: Type.Integer({ minimum: 0 }),
  group: Type.Integer({ minimum: 0 }),
});
type Inputs = Type.Static<typeof Inputs>;

/**
 * Gives a volume to the user that a container runs as. The engine makes volumes root's, except where the image has a
 * folder of the right owner at the very place, which few have.
 */
export const volumeOwner: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  replaceOn: ["host", "volume"],
  identify: ({ volume }) => volume,
  async create(inputs) {
    await give(inputs);
    return { id: inputs.volume, outputs: {} };
  },
  async update(_id, inputs, old) {
    if (inputs.user !== old.inputs.user || inputs.group !== old.inputs.group) await give(inputs);
    return {};
  },
  async read(_id, { host, volume }) {
    await using engine = dockerEngine(host);
    return (await engine.find(`/volumes/${volume}`)) ? {} : undefined;
  },
  async delete() {},
};

async function give({ host, volume, image, user, group }: Inputs): Promise<void> {
  await using engine = dockerEngine(host);
  await withVolume(engine, { volume, image }, ({ write }) =>
    write([
      { path: "", mode: 0o700, user, group },
      // The engine fills an empty volume with what the image has at its place, owner included, over the one given here.
      { path: ".devflow", content: "", mode: 0o600, user, group },
    ]),
  );
}
