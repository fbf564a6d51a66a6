/**
 * `node images/glue/collect.ts CHECKOUT OUT [CACHE]`: puts together what the image of the glue services holds: their code
 * and docs, the packages they import and nothing else, a bill of materials (CycloneDX) of those packages, and what embeds
 * texts where the artifact cache has it.
 */
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { billOfMaterials } from "./bill-of-materials.ts";
import { packagesOf } from "./packages.ts";
import { isNeeded } from "./unneeded.ts";

const [from = ".", to = "out", cache] = process.argv.slice(2).map((path) => resolve(path));

await mkdir(to, { recursive: true });
const kept = ["glue-services", "docs", "images/glue/health.ts", "package.json", "package-lock.json", "LICENSE"];
for (const name of kept) await cp(join(from, name), join(to, name), { recursive: true });
const packages = packagesOf(from);
for (const folder of packages) {
  const name = relative(join(from, "node_modules"), folder).split("node_modules/").at(-1) ?? "";
  await cp(folder, join(to, relative(from, folder)), { recursive: true, filter: isNeeded(name, folder) });
}
await writeFile(join(to, "bill-of-materials.cdx.json"), billOfMaterials(packages));
if (cache) await takeEmbeddings(join(cache, "artifacts"), join(to, "embeddings"));
console.log(`${packages.length} packages`);

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
