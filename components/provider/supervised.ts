import { isDeepStrictEqual } from "node:util";
import { Value } from "typebox/value";
import { ProcessSpec } from "./process.ts";
import type { ResourceProvider } from "./provider.ts";

/** A process under the supervisor. One that runs with another specification than the stack's is drift. */
export const supervised: ResourceProvider<ProcessSpec, ProcessSpec> = {
  inputs: ProcessSpec,
  replaceOn: ["name"],
  preview: (inputs) => inputs,
  identify: ({ name }) => name,
  async create(inputs, context) {
    await context.host.processes.ensure(inputs, context);
    return { id: inputs.name, outputs: inputs };
  },
  async update(_id, inputs, _old, context) {
    await context.host.processes.ensure(inputs, context);
    return inputs;
  },
  async read(id, _inputs, _outputs, { host }) {
    const running = await host.processes.get(id);
    if (!running || running.status.state === "stopped") return undefined;
    return running.spec;
  },
  async delete(id, _inputs, _outputs, context) {
    await context.host.processes.remove(id, context);
  },
};

/** True when both describe the same process. */
export function sameProcess(one: ProcessSpec, other: ProcessSpec): boolean {
  return isDeepStrictEqual(Value.Default(ProcessSpec, one), Value.Default(ProcessSpec, other));
}
