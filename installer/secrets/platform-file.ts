import { readFile } from "node:fs/promises";
import { DevflowError } from "../../components/error.ts";
import { writeAtomic } from "../../components/provider/write.ts";
import { envLine, parseEnvText } from "../../glue-services/secrets/backends/index.ts";
import { withFileLock } from "../file-lock.ts";

/** Names that fit an environment, in every tier. */
export const secretName = /^[A-Z][A-Z0-9_]{0,127}$/;

/** Secrets that people set for the whole platform: a `.env` file, mode 0600, which a person may also edit. */
export interface PlatformFile {
  read(): Promise<Map<string, string>>;
  /** Sets, or with undefined takes away, all of them or none. @throws DevflowError USAGE for a name or value that cannot stand there */
  change(changes: Record<string, string | undefined>): Promise<void>;
}

export function platformFile(file: string): PlatformFile {
  return {
    read: async () => parseEnvText(await text(file)),
    async change(changes) {
      for (const name of Object.keys(changes)) demandName(name);
      await withFileLock(file, async () => {
        const after = Object.entries(changes).reduce(withEntry, await text(file));
        await writeAtomic(file, after);
      });
    },
  };
}

/** @throws DevflowError USAGE */
export function demandName(name: string): void {
  if (secretName.test(name)) return;
  throw new DevflowError("USAGE", `"${name}" cannot be the name of a secret.`, {
    hint: "Use capital letters, digits and underscores, as in MAIL_PASSWORD.",
    docs: "secrets",
  });
}

/** What else stands in the file, comments too, stays where it is. */
function withEntry(before: string, [name, value]: [string, string | undefined]): string {
  const line = value === undefined ? "" : written(name, value);
  const known = parseEnvText(before);
  if (!known.has(name)) return before === "" || before.endsWith("\n") ? before + line : `${before}\n${line}`;
  const others = [...known].filter(([other]) => other !== name);
  const start = `^(export[ \\t]+)?${name}[ \\t]*=`;
  const entries = [new RegExp(`${start}.*\\n?`, "m"), new RegExp(`${start}[ \\t]*(["'\`])[^]*?\\2.*\\n?`, "m")];
  for (const entry of entries) {
    const replaced = before.replace(entry, () => line);
    const now = parseEnvText(replaced);
    const kept = others.every(([other, its]) => now.get(other) === its) && now.get(name) === value;
    if (kept && now.size === others.length + (value === undefined ? 0 : 1)) return replaced;
  }
  // It stood there twice, or in a way that only a whole reading tells: the file is written anew.
  return others.map(([other, its]) => written(other, its)).join("") + line;
}

function written(name: string, value: string): string {
  try {
    return envLine(name, value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DevflowError("USAGE", error.message, {
      hint: "It has all three kinds of quotes. Keep it in 1Password and set the reference, or set it for an organisation.",
      docs: "secrets",
    });
  }
}

async function text(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
