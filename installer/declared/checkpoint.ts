import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Json, Properties } from "../engine/values.ts";

/** What Pulumi's file backend keeps of a stack. */
export interface Checkpoint {
  resources: { urn: string; type: string; inputs?: Properties; protect?: boolean; custom?: boolean }[];
  /** Operations that were under way when the engine ended. */
  pending: { urn: string; type: string; operation: string }[];
}

/** Folder of a backend of files, or undefined where the state is somewhere that needs the CLI. */
export function backendFolder(stackRoot: string, backend: string | undefined): string | undefined {
  if (backend === undefined) return join(stackRoot, "pulumi", "state");
  return backend.startsWith("file://")
    ? backend.slice("file://".length).replace(/^~/, process.env.HOME ?? "~")
    : undefined;
}

/** Reads a stack's checkpoint without the CLI; undefined when there is none. Its secrets stay encrypted. */
export async function readCheckpoint(folder: string, stack: string): Promise<Checkpoint | undefined> {
  const file = join(folder, ".pulumi", "stacks", "devflow", `${stack}.json`);
  const text = await readFile(file, "utf8").catch(() => zipped(`${file}.gz`));
  if (text === undefined) return undefined;
  const parsed = JSON.parse(text) as { checkpoint?: { latest?: Latest } };
  const { resources = [], pending_operations = [] } = parsed.checkpoint?.latest ?? {};
  return {
    resources,
    pending: pending_operations.map(({ type, resource }) => ({
      urn: resource.urn,
      type: resource.type,
      operation: type,
    })),
  };
}

interface Latest {
  resources?: Checkpoint["resources"];
  pending_operations?: { type: string; resource: { urn: string; type: string; inputs?: Record<string, Json> } }[];
}

async function zipped(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && gunzipSync(bytes).toString("utf8");
}
