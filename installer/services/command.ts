import type { CommandDeclaration, CommandGroup, Declaration } from "../../glue-services/kit/declare/index.ts";
import type { Command } from "../commands/command.ts";
import type { Entry } from "../commands/table.ts";
import { where } from "../commands/where.ts";

/** The commands that services declare, as entries of the table of commands. */
export function serviceCommands(declared: readonly Declaration[]): Record<string, Entry> {
  const groups = declared.flatMap(({ title, commands = [] }) => commands.map((group) => ({ title, ...group })));
  return Object.fromEntries(
    groups.map((group) => [group.name, { summary: group.summary, load: async () => groupCommand(group) }]),
  );
}

function groupCommand({ name, summary, title, commands }: CommandGroup & { title: string }): Command {
  const subcommands = commands.map((command) => routeCommand(command, title));
  return { name, summary, examples: subcommands.flatMap(({ examples }) => examples).slice(0, 3), subcommands };
}

function routeCommand(command: CommandDeclaration, title: string): Command {
  const { name, summary, arguments: args = [], options = [], examples } = command;
  return {
    name,
    summary,
    arguments: [...args],
    options: [...where, ...options],
    examples: [...examples],
    run: async (input) => (await import("./call.ts")).callRoute(command, title, input),
  };
}
