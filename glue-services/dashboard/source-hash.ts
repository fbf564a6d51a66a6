import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The web app's sources. */
export const webFolder = fileURLToPath(new URL("./web", import.meta.url));

const services = dirname(dirname(webFolder));
const root = dirname(services);

/** What the app imports of services as code, rather than as types. */
const shared = /\/(schemas|provider-kinds|permissions|units|close-codes)\.ts$/;

/** The app's own sources, and the pages in the folders of services. */
function isWeb(file: string): boolean {
  return relative(services, file).split(sep)[1] === "web";
}

/** Names the state of everything a build reads: the app, the schemas it shares with services, and the locked libraries. */
export async function sourceHash(): Promise<string> {
  const found = await readdir(services, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isWeb(file) || shared.test(file));
  const all = [...files, join(services, "dashboard", "build.ts"), join(root, "package-lock.json")].sort();
  const contents = await Promise.all(all.map((file) => readFile(file)));
  const hash = createHash("sha256");
  all.forEach((file, at) => {
    hash.update(`${relative(root, file)}\0${contents[at]?.length}\0`);
    hash.update(contents[at] ?? "");
  });
  return hash.digest("hex").slice(0, 20);
}
