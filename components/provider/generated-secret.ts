import { randomInt } from "node:crypto";
import { Type } from "typebox";
import type { Host } from "./host.ts";
import type { ResourceProvider } from "./provider.ts";

/** Under what name the store keeps the value that a rotation is replacing. */
export function formerName(name: string): string {
  return `${name}--former`;
}

const alphabets = {
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  hex: "0123456789abcdef",
  alphanumeric: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
};

const Inputs = Type.Object({
  name: Type.String({ pattern: "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$" }),
  length: Type.Integer({ minimum: 16, maximum: 256 }),
  alphabet: Type.Union([Type.Literal("base64url"), Type.Literal("hex"), Type.Literal("alphanumeric")]),
});

interface Outputs {
  value: string;
  /** The value before, while a rotation lets both be valid; else empty. */
  previous: string;
}

/** A random secret in the stack's store. One that is there already is used, whatever made it. */
export const generatedSecret: ResourceProvider<Type.Static<typeof Inputs>, Outputs> = {
  inputs: Inputs,
  secretOutputs: ["value", "previous"],
  replaceOn: ["name"],
  identify: ({ name }) => name,
  async create(inputs, { host }) {
    const known = await host.secrets.get(inputs.name);
    const value = known ?? random(inputs.length, alphabets[inputs.alphabet]);
    if (known === undefined) await host.secrets.set(inputs.name, value);
    return { id: inputs.name, outputs: { value, previous: await previousOf(inputs.name, host) } };
  },
  /** Length and alphabet say how the first value is made; a value in use is changed by rotation only. */
  async update(_id, _inputs, old) {
    return old.outputs;
  },
  /**
   * Another machine that drives the stack has its state and not its store. A new value would shut the stack out of its
   * own data, so the state's holds.
   */
  async read(id, _inputs, outputs, { host }) {
    const value = await host.secrets.get(id);
    if (value !== undefined) return { value, previous: await previousOf(id, host) };
    return outputs.value ? { value: outputs.value, previous: outputs.previous ?? "" } : undefined;
  },
  /** Kept: data that outlives its component can be opened with it only. `devflow destroy` removes the whole store. */
  async delete() {},
};

async function previousOf(name: string, host: Host): Promise<string> {
  return (await host.secrets.get(formerName(name))) ?? "";
}

/** A value as the component would make its first one. */
export function randomSecret({ length, alphabet }: { length: number; alphabet: keyof typeof alphabets }): string {
  return random(length, alphabets[alphabet]);
}

function random(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}
