import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Command } from "../../../installer/commands/command.ts";
import { generateCommandDocs } from "../../../installer/commands/docs.ts";
import { table } from "../../../installer/commands/table.ts";

const root = join(import.meta.dirname, "../../..");

test("every command is what the table says of it and shows three examples of itself", async () => {
  for (const [name, entry] of Object.entries(table)) {
    const command = await entry.load();
    expect(command).toMatchObject({ name, summary: entry.summary });
    expect(command.examples, name).toHaveLength(3);
    for (const example of command.examples)
      expect(example.command, name).toMatch(new RegExp(`devflow (${name}|--version)\\b`));
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

test("the reference pages of commands and errors are what the tables make", async () => {
  for (const [path, text] of Object.entries(await generateCommandDocs())) {
    expect(await readFile(join(root, path), "utf8"), `${path}: node installer/commands/docs.ts`).toBe(text);
  }
});
