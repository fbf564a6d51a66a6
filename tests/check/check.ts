import { spawnSync } from "node:child_process";
import { commandsInProse } from "./commands-in-prose.ts";
import { generatedFiles } from "./generated.ts";
import { importDirection } from "./import-direction.ts";
import { migrations } from "./migrations.ts";
import { specifications } from "./specifications.ts";
import { testNames } from "./test-names.ts";
import { words } from "./words.ts";

/** What must hold of the tree before any test runs: `./devflow check` and `npm run check`. Findings are lines of text. */
const checks: { name: string; find: () => string[] | Promise<string[]> }[] = [
  { name: "format and lint", find: () => program("biome", "check", "--error-on-warnings", ".") },
  { name: "types", find: () => [".", "glue-services/dashboard/web"].flatMap((at) => program("tsc", "-p", at)) },
  { name: "import direction", find: importDirection },
  { name: "unique test names", find: testNames },
  { name: "migrations are numbered one by one", find: migrations },
  { name: "commands in sentences are quoted", find: commandsInProse },
  { name: "generated files are current", find: generatedFiles },
  { name: "specifications say what is so", find: () => specifications() },
  { name: "nothing of one machine in the tree", find: words },
];

let failed = 0;
for (const { name, find } of checks) {
  const findings = await find();
  console.error(`${findings.length === 0 ? "✓" : "✗"} ${name}`);
  for (const finding of findings) console.error(`  ${finding}`);
  if (findings.length > 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;

function program(name: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`node_modules/.bin/${name}`, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? [] : `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
}
