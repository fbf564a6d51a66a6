/**
 * `node images/glue/collect.ts CHECKOUT OUT [CACHE]`: puts together what the image of the glue services holds: their code
 * and docs, the packages they import and nothing else, a bill of materials (CycloneDX) of those packages, and what embeds
 * texts where the artifact cache has it.
 */
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { billOfMaterials } from "./bill-of-materials.ts";
import { packagesOf } from "./packages.ts";

const [from = ".", to = "out", cache] = process.argv.slice(2).map((path) => resolve(path));

await mkdir(to, { recursive: true });
const kept = ["glue-services", "docs", "images/glue/health.ts", "package.json", "package-lock.json", "LICENSE"];
for (const name of kept) await cp(join(from, name), join(to, name), { recursive: true });
const packages = packagesOf(from);
for (const folder of packages) {
  await cp(folder, join(to, relative(from, folder)), { recursive: true, filter: isNeeded(folder) });
}
await writeFile(join(to, "bill-of-materials.cdx.json"), billOfMaterials(packages));
if (cache) await takeEmbeddings(join(cache, "artifacts"), join(to, "embeddings"));
console.log(`${packages.length} packages`);

/** A package's own packages come by themselves; what people read and debug with stays out. Node runs no TypeScript there. */
function isNeeded(folder: string): (source: string) => boolean {
  return (source) => {
    const path = relative(folder, source);
    if (path.split("/").includes("node_modules")) return false;
    return !/\.(map|[mc]?ts|md|markdown|tsbuildinfo)$|(^|\/)(test|tests|__tests__|\.github)(\/|$)/.test(path);
  };
}

/** Model and runtime, and the file that says where they will be. What they were unpacked from stays behind. */
async function takeEmbeddings(artifacts: string, folder: string): Promise<void> {
  const names = await readdir(artifacts).catch(() => []);
  const [runtime, model] = ["onnxruntime", "multilingual-e5-small"].map((wanted) =>
    names.find((name) => name.startsWith(`${wanted}-`)),
  );
  if (!runtime || !model) return;
  for (const name of [runtime, model]) await cp(join(artifacts, name), join(folder, name), { recursive: true });
  const at = (name: string) => `/app/embeddings/${name}`;
  await writeFile(join(folder, "artifacts.json"), JSON.stringify({ runtime: at(runtime), model: at(model) }));
}
