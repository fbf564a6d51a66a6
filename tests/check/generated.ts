import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { generators } from "./generators.ts";
import { read } from "./sources.ts";

/** Generated files that differ from what their generator makes now. */
export async function generatedFiles(): Promise<string[]> {
  const findings: string[] = [];
  for (const [file, make] of Object.entries(generators)) {
    const now = existsSync(file) ? read(file) : "";
    if ((await make(now)) !== now) findings.push(`${file} is out of date: npm run generate`);
  }
  return findings;
}

/** Makes every generated file anew. */
export async function generate(): Promise<void> {
  for (const [file, make] of Object.entries(generators)) {
    await writeFile(file, await make(existsSync(file) ? read(file) : ""));
  }
}
