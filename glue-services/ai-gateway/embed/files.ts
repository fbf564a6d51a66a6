import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { Value } from "typebox/value";
import type { FindFiles, LocalFiles } from "./embedder.ts";

const Pointer = Type.Object({ runtime: Type.String(), model: Type.String() });

/**
 * Looks for the artifacts where a file says they are. The file may be written, or written anew, at any time: an
 * installer fetches them while the platform serves already.
 */
export function filesIn(place: LocalFiles | string): FindFiles {
  if (typeof place !== "string") return () => place;
  let known: { at: number; files: LocalFiles } | undefined;
  return () => {
    const at = statSync(place, { throwIfNoEntry: false })?.mtimeMs;
    if (at === undefined) return undefined;
    if (known?.at === at) return known.files;
    const files = read(place);
    known = files && { at, files };
    return files;
  };
}

function read(place: string): LocalFiles | undefined {
  try {
    const said: unknown = JSON.parse(readFileSync(place, "utf8"));
    return Value.Check(Pointer, said) && existsSync(join(said.model, "model.bin")) ? said : undefined;
  } catch {
    // It is being written.
    return undefined;
  }
}
