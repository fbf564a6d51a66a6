import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");

/** What people see is said in the words of the trade: each of these was charming, and slow to understand. */
const slow =
  /Begin anew|Make it\b(?! simpler)|Set it\b(?! on the page)|As it was|is called so|told first|programs may ask for|After a cut|Messages of (one|all)\b|Let through all|It rests on|Former SSE|In groups|where it is kept|Present password|not let through/;

test("forms and commands use the words of the trade", async () => {
  const found: string[] = [];
  for (const folder of ["glue-services/dashboard/web/src", "glue-services/identity/routes", "installer/commands"]) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.tsx?$/.test(file)) continue;
      const code = await readFile(join(root, folder, file), "utf8");
      // Comments are prose.
      const shown = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      for (const [words] of shown.matchAll(new RegExp(slow, "g"))) found.push(`${folder}/${file}: ${words}`);
    }
  }
  expect(found).toEqual([]);
});
