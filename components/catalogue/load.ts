import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { DevflowError } from "../error.ts";
import type { Platform } from "../provider/platform.ts";
import { Source, Upstream } from "./schema.ts";

/** Folder of the catalogue: one YAML file a program, and a folder beside it where a source needs files. */
export const catalogueFolder = fileURLToPath(new URL("../../configs/upstreams/", import.meta.url));

const loaded = new Map<string, Upstream>();

const require = createRequire(import.meta.url);

/**
 * A program of the catalogue.
 * @throws DevflowError NOT_FOUND for an unknown name
 */
export function upstream(name: string): Upstream {
  let found = loaded.get(name);
  if (!found) {
    if (!names(catalogueFolder).includes(name)) {
      throw new DevflowError("NOT_FOUND", `The catalogue has no program named "${name}".`, {
        hint: `It has: ${names(catalogueFolder).join(", ")}.`,
      });
    }
    // The checkout's own files are checked by its tests; what checks them takes longer to load than all of them.
    found = parseFile(join(catalogueFolder, `${name}.yaml`)) as Upstream;
    loaded.set(name, found);
  }
  return found;
}

/** Where a program comes from on a platform, in order of preference. Some exist as container images only: none. */
export function sourcesOf({ artifacts }: Upstream, platform: Platform): Source[] {
  return "none" in artifacts ? [] : artifacts[platform];
}

/** Every program of the catalogue, by name. */
export function upstreams(): Upstream[] {
  return names(catalogueFolder).map(upstream);
}

/** Reads and validates one file of the catalogue's form. */
export function readUpstream(file: string): Upstream {
  const value = parseFile(file);
  const { Value } = checker();
  if (!Value.Check(Upstream, value)) {
    const first = firstError(value);
    throw invalid(file, first?.instancePath || "/", reason(value, first));
  }
  const stem = file.replace(/^.*[\\/]/, "").replace(/\.yaml$/, "");
  if (value.name !== stem) throw invalid(file, "/name", `must be the file's name, "${stem}"`);
  if ("port" in value.health && !(value.health.port in value.ports)) {
    throw invalid(file, "/health/port", `"${value.health.port}" is none of its ports`);
  }
  return value;
}

function parseFile(file: string): unknown {
  try {
    // `merge` gives the platforms of one program a shared anchor for what does not differ.
    return parse(readFileSync(file, "utf8"), { merge: true, prettyErrors: true });
  } catch (cause) {
    throw invalid(file, "/", cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Loaded when a file is checked. */
function checker(): typeof import("typebox/value") {
  return require("typebox/value");
}

interface Fault {
  instancePath: string;
  message: string;
}

/** A source is judged by the schema of its own kind: of the union's errors those of the other kinds would mislead. */
function firstError(value: unknown): Fault | undefined {
  const { Value } = checker();
  const [first] = Value.Errors(Upstream, value);
  const place = /^\/artifacts\/[^/]+\/\d+/.exec(first?.instancePath ?? "")?.[0];
  if (!place) return first;
  const source = at(value, place) as { kind?: unknown } | undefined;
  const schema = Source.anyOf.find((candidate) => candidate.properties.kind.const === source?.kind);
  if (!schema) {
    const kinds = Source.anyOf.map((candidate) => candidate.properties.kind.const).join(", ");
    return { instancePath: `${place}/kind`, message: `must be one of ${kinds}` };
  }
  const [own] = Value.Errors(schema, source);
  return own && { instancePath: place + own.instancePath, message: own.message };
}

/** The value that a JSON pointer names. */
function at(value: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1);
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function reason(value: unknown, error: Fault | undefined): string {
  if (!error) return "does not match the schema";
  // This is how the schema says that the field stands in no object of this kind.
  if (error.message === "schema is false") return "is not a known field";
  const found = at(value, error.instancePath);
  const shown = found !== null && typeof found === "object" ? "" : ` (found ${JSON.stringify(found)})`;
  return `${error.message}${shown}`;
}

function invalid(file: string, path: string, why: string, cause?: unknown): DevflowError {
  return new DevflowError("CONFIG_INVALID", `${file}: ${path}: ${why}`, {
    hint: "Correct the file; components/catalogue/schema.ts says what each field holds.",
    cause,
  });
}

function names(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}
