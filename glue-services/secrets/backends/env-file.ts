import { readFile, stat } from "node:fs/promises";
import { type Backend, Unresolvable, unreachable } from "./backend.ts";
import { parseEnvText } from "./env-text.ts";
import { parseReference } from "./reference.ts";

/** `env:NAME` from a `.env` file that only its owner may read. */
export function envFile(file: string): Backend {
  const backend = "env-file" as const;
  return {
    name: backend,
    async read(reference) {
      const parsed = parseReference(reference);
      if (parsed.scheme !== "env") {
        throw new Unresolvable("malformed", { reference, backend, why: "it is not an env:NAME" });
      }
      const values = await readPrivate(file, reference);
      const value = values.get(parsed.name);
      if (value !== undefined) return value;
      throw new Unresolvable("missing", {
        reference,
        backend,
        why: `${file} has no ${parsed.name}`,
        hint: `\`./devflow secrets set ${parsed.name}\` asks for the value and writes it.`,
      });
    },
  };
}

/** @throws Unresolvable when the file is missing or others may read it */
export async function readPrivate(file: string, reference: string): Promise<Map<string, string>> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      throw new Unresolvable("denied", {
        reference,
        backend: "env-file",
        why: `others may read ${file} (mode ${(mode & 0o777).toString(8)})`,
        hint: `chmod 600 ${file}, and change the values in it: somebody may have read them.`,
      });
    }
    return parseEnvText(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Unresolvable) throw error;
    throw unreachable("env-file", reference, error);
  }
}
