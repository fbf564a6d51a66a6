import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { StackPaths } from "../../components/provider/paths.ts";
import { accessNames, isReference, resolver, Unresolvable } from "../../glue-services/secrets/backends/index.ts";
import { envFileStore } from "./env-file.ts";
import { platformFile } from "./platform-file.ts";
import { recipeOf } from "./rotation/recipe.ts";
import { scanFiles } from "./scan.ts";

/** What is not well with the secrets; `problem` wants doing, `advice` is worth doing. */
export interface Finding {
  kind: "mode" | "reference" | "rotation" | "age" | "copy";
  level: "problem" | "advice";
  what: string;
  fix: string;
}

/** Days after which a generated secret that can be rotated is worth rotating. */
const old = 365;

/**
 * Looks at everything that can be looked at without changing it.
 *
 * @param beside files outside of the stack's folder in which a copy may have been left, such as the answers file
 */
export async function examineSecrets(paths: StackPaths, beside: readonly string[]): Promise<Finding[]> {
  const found = await Promise.all([modes(paths), references(paths), rotations(paths), copies(paths, beside)]);
  return found.flat();
}

async function modes(paths: StackPaths): Promise<Finding[]> {
  const rendered = await filesOf(join(paths.root, "config"));
  const files = [paths.secrets, paths.platformSecrets, paths.secretsIndex, paths.key, paths.state, ...rendered];
  const open = await Promise.all(
    files.map(async (file) => {
      const status = await lstat(file).catch(() => undefined);
      return status && (status.mode & 0o077) !== 0 ? [{ file, mode: (status.mode & 0o777).toString(8) }] : [];
    }),
  );
  return open.flat().map(({ file, mode }) => ({
    kind: "mode",
    level: "problem",
    what: `Others may read ${file} (mode ${mode}).`,
    fix: `chmod 600 ${file}; then rotate what is in it, since somebody may have read it.`,
  }));
}

async function references(paths: StackPaths): Promise<Finding[]> {
  const values = await platformFile(paths.platformSecrets).read();
  const { resolve } = resolver({ file: paths.platformSecrets });
  const asked = [...values].filter(([name, value]) => isReference(value) && !accessNames.some((one) => one === name));
  const failed = await Promise.all(
    asked.map(async ([name, reference]): Promise<Finding[]> => {
      const error = await resolve(reference).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) return [];
      if (!(error instanceof Unresolvable)) throw error;
      return [{ kind: "reference", level: "problem", what: `${name}: ${error.message}`, fix: error.hint }];
    }),
  );
  return failed.flat();
}

async function rotations(paths: StackPaths): Promise<Finding[]> {
  const entries = await envFileStore(paths.secrets).describe();
  return entries.flatMap(({ name, since, overlap }): Finding[] => {
    if (overlap) {
      const what = `The rotation of ${name} was begun and not ended: its former value is still valid.`;
      return [{ kind: "rotation", level: "problem", what, fix: "`./devflow secrets rotate` finishes it." }];
    }
    const recipe = recipeOf(name);
    const days = since === undefined ? 0 : (Date.now() - Date.parse(since)) / 86_400_000;
    if (days < old || !recipe || "refused" in recipe) return [];
    const what = `${name} is ${Math.floor(days)} days old.`;
    return [{ kind: "age", level: "advice", what, fix: `./devflow secrets rotate ${name}` }];
  });
}

/** Rendered files are made to hold secrets, and data folders belong to programs; nothing else may. */
async function copies(paths: StackPaths, beside: readonly string[]): Promise<Finding[]> {
  const store = envFileStore(paths.secrets);
  const secrets = await platformFile(paths.platformSecrets).read();
  for (const name of await store.list()) secrets.set(name, (await store.get(name)) ?? "");
  for (const [name, value] of secrets) if (isReference(value)) secrets.delete(name);
  const allowed = [paths.secrets, paths.platformSecrets, join(paths.root, "config"), join(paths.root, "data")];
  const leaks = await scanFiles([paths.root, ...beside], secrets, allowed);
  return leaks.map(({ file, secret }) => ({
    kind: "copy",
    level: "problem",
    what: `${file} holds the value of ${secret} as it is.`,
    fix: `Remove it from there, then \`./devflow secrets ${secret.includes("/") ? "rotate" : "set"} ${secret}\`.`,
  }));
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
