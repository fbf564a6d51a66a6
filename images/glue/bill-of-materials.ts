import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/**
 * A CycloneDX document of packages, the same for the same packages. An attestation of the builder says more of the whole
 * image; this one is in the image itself, also where it was built without.
 */
export function billOfMaterials(folders: string[]): string {
  const components = folders
    .map((folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest)
    .map(({ name, version, license }) => ({
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace(/^@/, "%40")}@${version}`,
      ...(typeof license === "string" && { licenses: [{ expression: license }] }),
    }))
    .sort((one, other) => (one.purl < other.purl ? -1 : 1));
  const unique = components.filter(({ purl }, index) => components.findIndex((each) => each.purl === purl) === index);
  return `${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: unique }, undefined, 2)}\n`;
}
