import { readFile } from "node:fs/promises";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { accessNames, isReference, readPrivate, Unresolvable } from "./backends/index.ts";
import { type OwnName, ownNames, type SecretEntry } from "./schemas.ts";

/** What the installer writes beside the generated secrets: names and times, no values. */
export const GeneratedIndex = Type.Record(
  Type.String(),
  Type.Object({ since: Type.Union([Type.String(), Type.Null()]), overlap: Type.Boolean() }),
);
export type GeneratedIndex = Static<typeof GeneratedIndex>;

/** Secrets of the whole platform: those people set in its `.env` file, and the names of those the installer made. */
export interface PlatformTier {
  /** A value, or a reference; undefined when there is none of that name. */
  get(name: string): Promise<string | undefined>;
  /** The same for the platform's own settings, which `get` does not give. */
  own(name: OwnName): Promise<string | undefined>;
  list(): Promise<SecretEntry[]>;
}

export function platformTier(options: { file: string; index: string | undefined }): PlatformTier {
  const own: ReadonlySet<string> = new Set([...accessNames, ...ownNames]);
  return {
    // How 1Password is reached is for the backends only, how mail is sent for the platform only.
    get: async (name) => (own.has(name) ? undefined : (await values(options.file)).get(name)),
    own: async (name) => (await values(options.file)).get(name),
    async list() {
      const set = [...(await values(options.file))].map(([name, value]) => ({
        ...entry(name, since(undefined)),
        backend: isReference(value) ? ("1password" as const) : ("env-file" as const),
        reference: isReference(value) ? value : null,
      }));
      const generated = Object.entries(await readIndex(options.index)).map(([name, found]) => ({
        ...entry(name, since(found.since)),
        backend: "generated" as const,
        rotation: { state: found.overlap ? ("overlap" as const) : ("manual" as const), until: null },
      }));
      return [...set, ...generated].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

function entry(name: string, times: Pick<SecretEntry, "createdAt" | "changedAt" | "ageDays">): SecretEntry {
  return {
    name,
    tier: "platform",
    project: null,
    backend: "env-file",
    reference: null,
    version: null,
    ...times,
    lastUsedAt: null,
    rotation: { state: "manual", until: null },
    writable: false,
  };
}

function since(time: string | null | undefined) {
  const changedAt = time ?? null;
  return { createdAt: null, changedAt, ageDays: ageOf(changedAt) };
}

export function ageOf(time: string | null): number | null {
  return time === null ? null : Math.floor((Date.now() - Date.parse(time)) / 86_400_000);
}

async function values(file: string): Promise<Map<string, string>> {
  return readPrivate(file, "The platform's secrets").catch((error: unknown) => {
    // Nobody has set one yet.
    if (error instanceof Unresolvable && error.reason === "unreachable") return new Map<string, string>();
    throw error;
  });
}

async function readIndex(file: string | undefined): Promise<GeneratedIndex> {
  const text = file && (await readFile(file, "utf8").catch(() => undefined));
  const parsed: unknown = text ? JSON.parse(text) : {};
  return Value.Check(GeneratedIndex, parsed) ? parsed : {};
}
