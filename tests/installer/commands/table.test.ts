import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../../../components/error.ts";
import { apiErrors } from "../../../glue-services/kit/api-error.ts";
import type { Command } from "../../../installer/commands/command.ts";
import { generateCommandDocs } from "../../../installer/commands/docs.ts";
import { launcherMeanings } from "../../../installer/commands/meanings.ts";
import { table } from "../../../installer/commands/table.ts";

const root = join(import.meta.dirname, "../../..");

test("every command is what the table says of it and shows three examples of itself", async () => {
  for (const [name, entry] of Object.entries(table)) {
    const command = await entry.load();
    expect(command).toMatchObject({ name, summary: entry.summary });
    expect(command.examples, name).toHaveLength(3);
    for (const example of command.examples)
      expect(example.command, name).toMatch(new RegExp(`\\./devflow (${name}|--version)\\b`));
    expect(command.run ?? command.subcommands, name).toBeDefined();
  }
});

test("no option of a command hides a global one or another of its own", async () => {
  const globals = ["--stack", "--answers", "--set", "-y", "--yes", "--json", "--no-color", "--verbose", "-h", "--help"];
  for (const entry of Object.values(table)) check(await entry.load());

  function check(command: Command): void {
    const flags = (command.options ?? []).flatMap((option) => option.flags.match(/--?[a-z][a-z-]*/g) ?? []);
    const names = flags.filter((flag) => /^--?[a-z-]+$/.test(flag));
    expect(new Set(names).size, command.name).toBe(names.length);
    expect(
      names.filter((name) => globals.includes(name)),
      command.name,
    ).toEqual([]);
    for (const child of command.subcommands ?? []) check(child);
  }
});

test("every command that a text shows is one that works from the checkout: ./devflow, and a command there is", async () => {
  const words = [...Object.keys(table), "help", "--version"].join("|");
  for (const folder of ["installer", "stacks", "components"]) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!file.endsWith(".ts")) continue;
      const code = (await readFile(join(root, folder, file), "utf8")).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      const shown = code.match(/`?(?<![./\w@-])devflow [a-z]+/g) ?? [];
      const bare = shown.filter((one) => new RegExp(`devflow (${words})$`).test(one));
      expect(
        bare.filter(() => !known.has(`${folder}/${file}`)),
        `${folder}/${file}`,
      ).toEqual([]);
      for (const [, word = ""] of code.matchAll(/\.\/devflow ([a-z-]+)/g))
        expect(word, file).toMatch(new RegExp(`^(${words})$`));
    }
  }
});

/** Where the words are no command for people: what an operator of a cluster reads, a purpose that is logged. */
const known = new Set([
  "components/primitives/credential/aws.ts",
  "installer/secrets/commands/get.ts",
  "installer/run/outcome.ts",
]);

test("every page that an error names is there, and every code of the launcher and of the API is explained", async () => {
  const pages = new Set<string>(Object.values(errorCodes).map(({ docs }) => docs));
  for (const folder of ["installer", "stacks", "components"]) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!file.endsWith(".ts")) continue;
      for (const [, page = ""] of (await readFile(join(root, folder, file), "utf8")).matchAll(/\bdocs: "([^"]+)"/g))
        pages.add(page);
    }
  }
  for (const page of pages) await expect(stat(join(root, "docs", `${page}.md`)), page).resolves.toBeTruthy();
  const launcher = await readFile(join(root, "devflow"), "utf8");
  const thrown = [...launcher.matchAll(/\bfail ([A-Z_]+)/g)].map(([, code]) => code);
  expect([...new Set(thrown)].sort()).toEqual(Object.keys(launcherMeanings).sort());
  const api = await readFile(join(root, "docs/reference/api-errors.md"), "utf8");
  const rows = [...api.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, status]) => `${code} ${status}`);
  expect(rows.sort()).toEqual(
    Object.entries(apiErrors)
      .map(([code, { status }]) => `${code} ${status}`)
      .sort(),
  );
});

test("the reference pages of commands and errors are what the tables make", async () => {
  for (const [path, text] of Object.entries(await generateCommandDocs())) {
    expect(await readFile(join(root, path), "utf8"), `${path}: node installer/commands/docs.ts`).toBe(text);
  }
});
