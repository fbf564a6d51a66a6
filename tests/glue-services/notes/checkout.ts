import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const copied = ["glue-services", "stacks", "components", "installer", "configs", "policy", "tests/check"];
const files = ["package.json", "package-lock.json"];
export const run = promisify(execFile);

/** A checkout of its own, to which the folder of notes was added and nothing else; gone when the test ends. */
export async function checkoutWithNotes(): Promise<string> {
  const checkout = await mkdtemp(join(tmpdir(), "devflow-checkout-"));
  onTestFinished(() => rm(checkout, { recursive: true, force: true }));
  for (const name of [...copied, ...files]) await cp(join(root, name), join(checkout, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
  // Generators look at the files of the repository.
  await run("git", ["init", "--quiet"], { cwd: checkout });
  await cp(import.meta.dirname, join(checkout, "glue-services", "notes"), { recursive: true });
  await atHome(join(checkout, "glue-services", "notes"));
  await run(process.execPath, ["tests/check/service-index.ts"], { cwd: checkout });
  return checkout;
}

/** Its imports as they are in glue-services, two folders nearer. */
async function atHome(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!/\.tsx?$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/"((?:\.\.\/)+)\.\.\/\.\.\/glue-services\//g, '"$1'));
  }
}
