import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Folders of the packages that the services import, and of all that these need, below a checkout's `node_modules`. What
 * only builds the web app, or only the installer uses, is not among them.
 *
 * @param root the checkout, with its packages installed
 * @throws Error that names a package which is imported and not installed
 */
export function packagesOf(root: string): string[] {
  const found = new Set<string>();
  const wanted = imported(join(root, "glue-services")).map((name) => ({ name, from: root, needed: true }));
  for (let next = wanted.pop(); next; next = wanted.pop()) {
    const folder = locate(next.name, next.from);
    if (folder === undefined) {
      if (next.needed) throw new Error(`${next.name}, which ${next.from} needs, is not installed.`);
      continue;
    }
    if (found.has(folder)) continue;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest(folder);
    for (const name of Object.keys(dependencies ?? {})) {
      wanted.push({ name, from: folder, needed: !(name in (optionalDependencies ?? {})) });
    }
    // A peer that is optional is there for another who imports it, and then comes by that one.
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
    for (const name of [...Object.keys(optionalDependencies ?? {}), ...peers]) {
      wanted.push({ name, from: folder, needed: false });
    }
  }
  return [...found].sort();
}

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** As Node finds it: beside whoever asks, else further up. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Names of packages that the services' code imports; not the web app, which is built, nor what builds it. */
function imported(services: string): string[] {
  const files = readdirSync(services, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/glue-services\/[^/]+\/web\//.test(file) && !file.endsWith("/dashboard/build.ts"));
  const statement =
    /^(?:import|export)\s+(?!type\s+[{*\w])[\w\s{},*$]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm;
  const names = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(statement)].map(([, one, two, three]) => one ?? two ?? three ?? ""),
  );
  const packages = names
    .filter((name) => name !== "" && !name.startsWith(".") && !name.startsWith("node:"))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(packages)];
}
