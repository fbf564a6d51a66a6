import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({ upstream: Type.String(), version: Type.String() });

/** A program of the catalogue in the artifact cache. Deleting leaves the cache alone: other stacks use it too. */
export const artifact: ResourceProvider<Type.Static<typeof Inputs>, { path: string }> = {
  inputs: Inputs,
  preview: (inputs, { host }) => ({ path: host.artifacts.locate(ref(inputs)) }),
  identify: (inputs, { host }) => host.artifacts.locate(ref(inputs)),
  async create(inputs, context) {
    const { path } = await context.host.artifacts.obtain(ref(inputs), context);
    return { id: path, outputs: { path } };
  },
  async update(_id, inputs, _old, context) {
    return await context.host.artifacts.obtain(ref(inputs), context);
  },
  async read(_id, inputs, _outputs, { host }) {
    return (await host.artifacts.has(ref(inputs))) ? { path: host.artifacts.locate(ref(inputs)) } : undefined;
  },
  async delete() {},
};

function ref(inputs: { upstream: string; version: string }) {
  return { name: inputs.upstream, version: inputs.version };
}
