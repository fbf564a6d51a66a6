import { writeFileSync } from "node:fs";
import { read, sources } from "./sources.ts";

/** Text of glue-services/declared.ts: every folder of glue-services whose service.ts declares a service. */
export function serviceIndex(): string {
  const names = sources("/service.ts")
    .filter((file) => /^glue-services\/[^/]+\/service\.ts$/.test(file) && read(file).includes("declareService("))
    .map((file) => file.split("/")[1] as string)
    .toSorted();
  const list = (entry: (name: string) => string) => names.map((name) => `  ${entry(identifier(name))},\n`).join("");
  const imports = [...names, "kit/declare"].toSorted().map((path) => importOf(path));
  return `// Made by \`npm run generate\` of the folders that have a service.ts; tests hold it to be up to date.
${imports.join("\n")}

/** Every service of the platform. */
export const declarations: readonly Declaration[] = [
${list((name) => name)}];

/** Their sections of devflow.yaml. */
export const sections = {
${list((name) => `...${name}.settings`)}};
`;
}

function importOf(path: string): string {
  return path === "kit/declare"
    ? 'import type { Declaration } from "./kit/declare/index.ts";'
    : `import { service as ${identifier(path)} } from "./${path}/service.ts";`;
}

function identifier(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

if (import.meta.main) writeFileSync("glue-services/declared.ts", serviceIndex());
