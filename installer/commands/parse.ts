import { CommanderError, type Command as ParsedCommand, Option as ParsedOption, program as root } from "commander";
import { DevflowError } from "../../components/error.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { wrap } from "../terminal/fit.ts";
import { paint } from "../terminal/paint.ts";
import type { Command, Example, GlobalOptions, Io, Option } from "./command.ts";
import { globalOptions } from "./globals.ts";
import { examples, summary, table } from "./table.ts";
import { devflowVersion } from "./version.ts";

/**
 * Finds the command in the arguments, loads it alone, and runs it.
 * @throws DevflowError USAGE for arguments that cannot be understood, and whatever the command throws.
 */
export async function dispatch(argv: readonly string[], io: Io): Promise<unknown> {
  if (argv[0] === "complete" && argv[1] === "--") return (await import("./completion.ts")).complete(argv.slice(2), io);
  const entry = table[commandWord(argv) ?? ""];
  let answer: unknown;
  // Help and version are told by the parser itself, as text; with --json they are a document like every answer.
  let told = "";
  const tell = (text: string) => {
    if (io.json) told += text;
    else io.out(text);
  };
  const done = (value: unknown) => {
    answer = value;
  };
  const program = parser(io, entry ? [await entry.load()] : [], done, tell);
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") helpOf(program, argv);
    else if (error.exitCode !== 0) throw usage(error, program, argv);
  }
  if (told !== "" && answer === undefined)
    return argv.includes("--version")
      ? { devflow: told.trim() }
      : { help: told, ...(entry && { command: commandWord(argv) }) };
  return answer;
}

/** The whole parser: loaded commands in full, the others by name and summary. `done` gets the answer of the one that ran. */
export function parser(
  io: Io,
  loaded: Command[],
  done: (answer: unknown) => void = () => {},
  tell: (text: string) => void = io.out,
): ParsedCommand {
  const shown: Io = io.json ? { ...io, color: false } : io;
  const program = root
    .createCommand("devflow")
    .description(summary)
    .exitOverride()
    .configureOutput({
      writeOut: tell,
      writeErr: () => {},
      getOutHasColors: () => shown.color,
      getOutHelpWidth: () => helpWidth(io),
    })
    .configureHelp({
      minWidthToWrap: 12,
      showGlobalOptions: true,
      styleTitle: (text) => paint(shown, "bold", text),
      styleCommandText: (text) => paint(shown, "cyan", text),
      styleOptionText: (text) => paint(shown, "cyan", text),
    })
    .version(devflowVersion(), "--version", "show DevFlow's own version")
    .helpCommand("help [command]", "show help for a command")
    .helpOption("-h, --help", "show help");
  showExamples(program, shown, examples);
  for (const option of globalOptions) program.addOption(parsedOption(option));
  for (const [name, entry] of Object.entries(table)) {
    const command = loaded.find((candidate) => candidate.name === name);
    if (command) add(program, command, io, done);
    else program.command(name).description(entry.summary);
  }
  return program;
}

/** Help for a group that was named without one of its commands. @throws DevflowError USAGE for a command there is not */
function helpOf(program: ParsedCommand, argv: readonly string[]): void {
  const { found, unknown } = named(program, argv);
  if (unknown !== undefined) throw unknownCommand(unknown, found);
  found.outputHelp();
}

/** The command that the words name, as far as they name any, and the first that names none. */
function named(program: ParsedCommand, argv: readonly string[]): { found: ParsedCommand; unknown: string | undefined } {
  let found = program;
  for (const word of wordsOf(argv)) {
    if (word === "help") continue;
    const next = found.commands.find((command) => command.name() === word);
    if (!next) return { found, unknown: word };
    found = next;
  }
  return { found, unknown: undefined };
}

function unknownCommand(word: string, parent: ParsedCommand): DevflowError {
  const names = parent.commands.map((command) => command.name());
  const near = nearest(word, names);
  const where = parent.parent ? `${parent.name()} ` : "";
  return new DevflowError("USAGE", `Unknown command '${where}${word}'.`, {
    hint: near
      ? `Did you mean ${where}${near}?`
      : `Run \`./devflow help${where && ` ${where.trim()}`}\` for the commands there are.`,
  });
}

/** First word that is neither a global option nor the value of one. */
export function commandWord(argv: readonly string[]): string | undefined {
  const [first, second] = wordsOf(argv);
  return first === "help" ? second : first;
}

/** Words that are neither options nor the value of a global one. */
function wordsOf(argv: readonly string[]): string[] {
  const valued = new Set(
    globalOptions.filter(({ flags }) => flags.includes("<")).map(({ flags }) => flags.split(" ")[0]),
  );
  return argv.filter((word, index) => !word.startsWith("-") && !valued.has(argv[index - 1]));
}

function add(parent: ParsedCommand, command: Command, io: Io, done: (answer: unknown) => void): void {
  const parsed = parent.command(command.name).description(command.summary).helpOption("-h, --help", "show help");
  showExamples(parsed, io.json ? { ...io, color: false } : io, command.examples);
  for (const { name, description, required, variadic } of command.arguments ?? []) {
    const text = variadic ? `${name}...` : name;
    parsed.argument(required ? `<${text}>` : `[${text}]`, description);
  }
  for (const option of command.options ?? []) parsed.addOption(parsedOption(option));
  for (const subcommand of command.subcommands ?? []) add(parsed, subcommand, io, done);
  const { run } = command;
  if (!run) return;
  parsed.action(async () => {
    const options = parsed.optsWithGlobals<GlobalOptions>();
    await refuseWrongName(options.stack);
    done(await run({ options, args: parsed.args, io }));
  });
}

/** Before any command runs: none may act on another stack than the one that was named. @throws ConfigInvalid */
async function refuseWrongName(stack: string | undefined): Promise<void> {
  if (stack === undefined) return;
  const { resolveFlags } = await import("../../stacks/config/index.ts");
  resolveFlags({ "stack.name": stack });
}

function parsedOption({ flags, description, choices, default: value, repeatable }: Option): ParsedOption {
  const option = new ParsedOption(flags, description);
  if (choices) option.choices(choices);
  if (value !== undefined) option.default(value);
  if (repeatable) option.argParser((next: string, before: string[] | undefined) => [...(before ?? []), next]);
  return option;
}

function showExamples(parsed: ParsedCommand, io: Io, shown: Example[]): void {
  const widest = Math.max(0, ...shown.map(({ command }) => command.length));
  const beside = shown.every(({ does }) => widest + does.length + 4 <= helpWidth(io));
  const lines = shown.flatMap(({ command, does }) =>
    beside
      ? [`  ${paint(io, "cyan", command.padEnd(widest))}  ${does}`]
      : [`  ${paint(io, "cyan", command)}`, ...wrap(does, helpWidth(io), "      ")],
  );
  if (lines.length > 0) parsed.addHelpText("before", `${[paint(io, "bold", "Examples:"), ...lines].join("\n")}\n`);
}

function helpWidth(io: Io): number {
  return Math.min(io.columns, 110);
}

/** Commander's message is "error: what\n(Did you mean …?)"; its second line is the hint. */
function usage(error: CommanderError, program: ParsedCommand, argv: readonly string[]): DevflowError {
  const { found, unknown } = named(program, argv);
  if (error.code === "commander.unknownCommand" && unknown !== undefined) return unknownCommand(unknown, found);
  const [message = "", ...suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion.join(" ").replace(/^\((.*)\)$/, "$1");
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return new DevflowError("USAGE", sentence.endsWith(".") ? sentence : `${sentence}.`, {
    hint: hint || "Run `./devflow help` for the commands, `./devflow help <command>` for its options.",
  });
}
