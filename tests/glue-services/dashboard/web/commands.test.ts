import { expect, test } from "vitest";
import type { Command, Io } from "../../../../installer/commands/command.ts";
import { commandWord, parser } from "../../../../installer/commands/parse.ts";
import { table } from "../../../../installer/commands/table.ts";
import { shownCommands, trials, wordsOf } from "./shown-commands.ts";

test("every command that a page shows is one of the command line, with arguments and options that it takes", async () => {
  const shown = await shownCommands();
  // A change of how pages write commands must not leave nothing to judge.
  expect(shown.length).toBeGreaterThan(12);
  const wrong: string[] = [];
  for (const { file, command } of shown) {
    const problem = await problemOf(command);
    if (problem) wrong.push(`${file}: ${command}: ${problem}`);
  }
  expect(wrong).toEqual([]);
});

test("every command that a page shows is run on a stack, or is named with the reason why it is not", async () => {
  const shown = new Set((await shownCommands()).map(({ command }) => command));
  expect(Object.keys(trials).sort()).toEqual([...shown].sort());
});

test.each(["secrets sett NAME", "secrets set", "hub chat --no-such-option x", "nosuch"])(
  "a page that showed ./devflow %s would be found out",
  async (command) => {
    expect(await problemOf(command)).toBeDefined();
  },
);

/** What the command line's own parser says; undefined when it would run. */
async function problemOf(command: string): Promise<string | undefined> {
  // What a page fills in is one word; a page of a run shows the command that the run was of.
  const filled = command.replaceAll(/\$\{run\.command\}/g, "up").replaceAll(/\$\{[^}]*\}/g, "NAME");
  const words = wordsOf(filled);
  const entry = table[commandWord(words) ?? ""];
  if (!entry) return "there is no such command";
  let ran = false;
  const note = async () => {
    ran = true;
  };
  const still = (one: Command): Command => ({
    ...one,
    ...(one.run && { run: note }),
    ...(one.subcommands && { subcommands: one.subcommands.map(still) }),
  });
  try {
    await parser(io, [still(await entry.load())]).parseAsync(words, { from: "user" });
    return ran ? undefined : "it shows its help alone";
  } catch (error) {
    return (error as Error).message;
  }
}

const io: Io = {
  ...{ out() {}, err() {}, json: false, color: false, terminal: false, columns: 80, interactive: false },
  ...{ env: {}, cwd: "/", signal: new AbortController().signal },
};
