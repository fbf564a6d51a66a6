import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import type { ProviderTable, ResourceProvider } from "../../../components/provider/provider.ts";

/** A thing is a real file. `file` names it and cannot change in place; `content` can. */
export const ThingInputs = Type.Object(
  {
    file: Type.String({ minLength: 1 }),
    content: Type.Optional(Type.Unknown()),
    password: Type.Optional(Type.String()),
    /** Makes the effect fail: create, update, delete. */
    fails: Type.Optional(Type.String()),
    /** Milliseconds the effect takes. */
    takes: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
);
export type ThingInputs = Static<typeof ThingInputs>;
export interface ThingOutputs {
  path: string;
  size: number;
  token: string;
  echo?: unknown;
}

export interface ThingOptions {
  /** Called before and after each effect. */
  hook?: (point: "before" | "after", effect: string, id: string) => void;
}

/**
 * `Thing` is made before the old one is deleted, `Fixed` after it: all Fixed of one slot share one file, whatever their
 * kind. Everything they do is appended to `calls.log`, so that what was done twice, or left behind, can be seen.
 */
export function thingProviders(folder: string, options: ThingOptions = {}): ProviderTable {
  mkdirSync(folder, { recursive: true });
  const thing = fileProvider(folder, options);
  const { identify, ...withoutIdentity } = thing;
  const { update, ...withoutUpdate } = thing;
  return {
    "devflow:test:Thing": thing,
    "devflow:test:Anonymous": withoutIdentity,
    "devflow:test:Immutable": withoutUpdate,
    "devflow:test:Fixed": {
      ...thing,
      inputs: Type.Object({ ...ThingInputs.properties, kind: Type.String() }, { additionalProperties: false }),
      replaceOn: ["kind"],
      deleteBeforeReplace: true,
    },
  };
}

function fileProvider(folder: string, options: ThingOptions): ResourceProvider<ThingInputs, ThingOutputs> {
  const pathOf = (id: string) => join(folder, `${id}.thing`);
  const outputs = (inputs: ThingInputs): ThingOutputs => ({
    path: pathOf(inputs.file),
    size: JSON.stringify(inputs.content ?? null).length,
    token: `token-of-${inputs.file}`,
    ...(inputs.content === undefined ? {} : { echo: inputs.content }),
  });
  const effect = async (name: string, id: string, inputs: ThingInputs, work: () => string, signal: AbortSignal) => {
    options.hook?.("before", name, id);
    if (inputs.takes) await sleep(inputs.takes, signal);
    if (inputs.fails === name) throw new Error(`${name} failed with the password ${inputs.password}`);
    appendFileSync(join(folder, "calls.log"), `${name} ${id} ${work()}\n`);
    options.hook?.("after", name, id);
  };
  const write = (inputs: ThingInputs) => {
    const made = existsSync(pathOf(inputs.file)) ? "again" : "new";
    writeFileSync(pathOf(inputs.file), JSON.stringify(inputs.content ?? null));
    return made;
  };
  return {
    inputs: ThingInputs,
    secretOutputs: ["token"],
    replaceOn: ["file"],
    preview: (inputs) => ({ path: pathOf(inputs.file) }),
    identify: (inputs) => inputs.file,
    async create(inputs, { signal, report }) {
      report({ phase: "making", note: `with ${inputs.password}` });
      await effect("create", inputs.file, inputs, () => write(inputs), signal);
      return { id: inputs.file, outputs: outputs(inputs) };
    },
    async update(id, inputs, _, { signal }) {
      await effect("update", id, inputs, () => write(inputs), signal);
      return outputs(inputs);
    },
    async read(id, inputs, old) {
      if (inputs.fails === "read") throw new Error("cannot look");
      if (!existsSync(pathOf(id))) return undefined;
      const size = readFileSync(pathOf(id), "utf8").length;
      return { ...outputs(inputs), ...old, path: pathOf(id), size };
    },
    async delete(id, inputs, _, { signal }) {
      const work = () => {
        const there = existsSync(pathOf(id));
        rmSync(pathOf(id), { force: true });
        return there ? "gone" : "again";
      };
      await effect("delete", id, inputs, work, signal);
    },
  };
}

/** Ids of the things that are there. */
export function things(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".thing"))
    .map((name) => name.slice(0, -".thing".length))
    .sort();
}

export function contentOf(folder: string, id: string): unknown {
  return JSON.parse(readFileSync(join(folder, `${id}.thing`), "utf8"));
}

/** What was done, in order: `create a new`. */
export function calls(folder: string): string[] {
  const file = join(folder, "calls.log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
