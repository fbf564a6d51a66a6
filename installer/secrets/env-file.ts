import { readFile } from "node:fs/promises";
import { formerName } from "../../components/provider/generated-secret.ts";
import type { SecretStore } from "../../components/provider/host.ts";
import { writeAtomic } from "../../components/provider/write.ts";
import { withFileLock } from "../file-lock.ts";

/** The store of generated secrets, with what rotation needs besides. */
export interface EnvFileStore extends SecretStore {
  /** Changes several at once: all of them are kept or none. undefined takes one away. */
  change(changes: Record<string, string | undefined>): Promise<void>;
  /** Names with when the value was made (undefined: not known) and whether the former one is still valid. */
  describe(): Promise<GeneratedEntry[]>;
}

export interface GeneratedEntry {
  name: string;
  /** ISO 8601. */
  since: string | undefined;
  /** A rotation is under way. */
  overlap: boolean;
}

/** Why the file is there. */
const title = "# Generated secrets of this stack. Back this file up: the data cannot be opened without it.\n";

/**
 * Secrets in a file of `NAME=value` lines, mode 0600: `postgres/superuser` stands as `POSTGRES__SUPERUSER`. Written whole
 * and atomically, by one writer at a time, whatever process it is in. Beside it, in `index`, stand the names and times
 * without values, for those who may see no value.
 */
export function envFileStore(file: string, index: string = file.replace(/\.env$/, ".index.json")): EnvFileStore {
  const store: EnvFileStore = {
    get: async (name) => (await read(file)).get(variable(name))?.value,
    list: async () => (await store.describe()).map(({ name }) => name),
    set: (name, value) => store.change({ [name]: value }),
    async change(changes) {
      for (const [name, value] of Object.entries(changes)) refuseLines(name, value);
      await withFileLock(file, async () => {
        const entries = await read(file);
        for (const [name, value] of Object.entries(changes)) apply(entries, variable(name), value);
        await writeAtomic(file, render(entries));
        await writeAtomic(index, indexText(described(entries)));
      });
    },
    describe: async () => described(await read(file)),
  };
  return store;
}

interface Entry {
  value: string;
  since: string | undefined;
  /** Lines that somebody wrote above it. */
  notes?: string[];
}

function apply(entries: Map<string, Entry>, key: string, value: string | undefined): void {
  if (value === undefined) entries.delete(key);
  else if (entries.get(key)?.value !== value)
    entries.set(key, { ...entries.get(key), value, since: new Date().toISOString() });
}

function render(entries: Map<string, Entry>): string {
  const lines = [...entries].flatMap(([key, { value, since, notes = [] }]) => [
    ...notes,
    ...(since ? [`# since ${since}`] : []),
    `${key}=${value}`,
  ]);
  return `${title}${lines.join("\n")}\n`;
}

async function read(file: string): Promise<Map<string, Entry>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const entries = new Map<string, Entry>();
  let since: string | undefined;
  let notes: string[] = [];
  // An editor of another system begins the file with a mark and ends its lines in its own way.
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const split = line.indexOf("=");
    const told = /^# since (\S+)$/.exec(line)?.[1];
    if (told) since = told;
    else if (line.startsWith("#")) notes.push(...(title.startsWith(line) ? [] : [line]));
    else if (split > 0) {
      entries.set(line.slice(0, split), { value: line.slice(split + 1), since, ...(notes.length > 0 && { notes }) });
      since = undefined;
      notes = [];
    }
  }
  return entries;
}

function described(entries: Map<string, Entry>): GeneratedEntry[] {
  const names = [...entries.keys()].map(nameOf);
  return names
    .filter((name) => !name.endsWith(formerName("")))
    .sort()
    .map((name) => ({
      name,
      since: entries.get(variable(name))?.since,
      overlap: names.includes(formerName(name)),
    }));
}

function indexText(entries: GeneratedEntry[]): string {
  const index = Object.fromEntries(
    entries.map(({ name, since, overlap }) => [name, { since: since ?? null, overlap }]),
  );
  return `${JSON.stringify(index, undefined, 2)}\n`;
}

function refuseLines(name: string, value: string | undefined): void {
  if (value !== undefined && /[\r\n]/.test(value)) throw new Error(`the secret ${name} has more than one line`);
}

function variable(name: string): string {
  return name.replaceAll("/", "__").replaceAll("-", "_").toUpperCase();
}

function nameOf(key: string): string {
  return key.toLowerCase().replace("__", "/").replaceAll("_", "-");
}
