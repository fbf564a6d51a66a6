import { readFile, stat } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { DevflowError } from "../../components/error.ts";
import { type Answers, flatten, parseAnswers, parseAssignments, resolveSettings } from "../../stacks/config/index.ts";
import { changedText, findAnswers, renderAnswers, shownPath, updateAnswers, writeAnswers } from "../answers.ts";
import { answersOf, newDraft, valueAt } from "../questions.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";

interface InitOptions {
  force?: boolean;
  profile?: string;
}

export interface InitResult {
  /** Absolute path of the file that was written. */
  file: string;
  answers: Answers;
}

export const init: Command<InitOptions> = {
  name: "init",
  summary: "Answer the questions and write the answers file",
  examples: [
    { command: "./devflow init", does: "ask, show the file, and write it when you say so" },
    { command: "./devflow init --yes --profile minimal", does: "ask nothing and take the defaults" },
    {
      command: "./devflow init --yes --set network.domain=dev.example.com --set network.email=ops@example.com",
      does: "the same with some answers given",
    },
  ],
  options: [
    { flags: "--profile <name>", description: "how much runs: minimal, standard or full" },
    { flags: "--force", description: "with --yes: replace an answers file that is there already" },
  ],
  async run({ options, io }) {
    const written = await writeInitialAnswers({ options, io });
    io.err("Next     ./devflow up\n");
    return written;
  },
};

/**
 * Makes the answers file: with questions where they may be asked, otherwise from the defaults.
 * @throws DevflowError USAGE when it may neither ask nor take defaults, ABORTED, INTERRUPTED, ConfigInvalid
 */
export async function writeInitialAnswers(input: {
  options: InitOptions & GlobalOptions;
  io: Io;
  /** Where questions are asked. @default the terminal of this process */
  terminal?: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream };
}): Promise<InitResult> {
  const { options, io } = input;
  const { file, exists } = await target(options, io);
  const name = shownPath(file, io.cwd);
  const flags = withoutUndefined({ "stack.name": options.stack, profile: options.profile });
  const given = { ...flags, ...parseAssignments(options.set ?? []) };
  const before = exists ? await readFile(file) : undefined;
  if (io.interactive)
    return askAndWrite({
      file,
      name,
      before,
      given,
      io,
      ...(input.terminal ?? { input: process.stdin, output: process.stderr }),
    });
  const answers = proposed(given, { exists, force: options.force === true, yes: options.yes === true, name, io });
  await writeAnswers(file, answers);
  io.err(`Wrote ${name}.\n`);
  return { file, answers };
}

async function target(options: GlobalOptions, io: Io): Promise<{ file: string; exists: boolean }> {
  const found = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd });
  const isFolder = await stat(found.file).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) return found;
  throw new DevflowError("USAGE", `${shownPath(found.file, io.cwd)} is a folder.`, {
    hint: "Name a file: --answers devflow.yaml",
  });
}

/** A file that is there already keeps its comments and its order; its answers are proposed again. */
async function askAndWrite(input: {
  file: string;
  name: string;
  before: Uint8Array | undefined;
  given: Record<string, unknown>;
  io: Io;
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}): Promise<InitResult> {
  const { file, name, before, given, io } = input;
  const { runWizard } = await import("../wizard.ts");
  const known = before ? parseAnswers(before, name) : undefined;
  resolveSettings({ answers: known, flags: given, env: io.env, cwd: io.cwd });
  const old = flatten(known?.value ?? {});
  const answers = await runWizard({
    input: input.input,
    output: input.output,
    env: io.env,
    given: { ...Object.fromEntries(old), ...given },
    free: process.availableMemory() / 1024 ** 2,
    color: io.color,
    render: (next) => (before ? changedText(before, difference(old, next), name) : renderAnswers(next, file)),
    file: name,
    signal: io.signal,
  });
  await (before ? updateAnswers(file, difference(old, answers), name) : writeAnswers(file, answers));
  io.err(`Wrote ${name}.\n`);
  return { file, answers };
}

/** Settings whose answer changed; undefined for one that goes. */
function difference(old: Map<string, unknown>, answers: Answers): Record<string, unknown> {
  const next = flatten(answers);
  const paths = new Set([...old.keys(), ...next.keys()]);
  return Object.fromEntries(
    [...paths]
      .filter((path) => !isDeepStrictEqual(old.get(path), next.get(path)))
      .map((path) => [path, next.get(path)]),
  );
}

/** Settings a person should see in the file even when they are the defaults. */
const basics = [
  "stack.name",
  "stack.kind",
  "profile",
  "network.domain",
  "organisation.name",
  "organisation.administrator.name",
  "organisation.administrator.email",
];

function proposed(
  given: Record<string, unknown>,
  { exists, force, yes, name, io }: { exists: boolean; force: boolean; yes: boolean; name: string; io: Io },
): Answers {
  if (!yes) {
    throw new DevflowError("USAGE", "Questions can only be asked in a terminal.", {
      hint: "Add --yes to take the defaults, with --set path=value for what should differ.",
    });
  }
  if (exists && !force) {
    throw new DevflowError("USAGE", `${name} is there already.`, {
      hint: "Change it with `./devflow config set path=value`, or replace it with --force.",
    });
  }
  const { settings } = resolveSettings({ flags: given, env: io.env, cwd: io.cwd });
  const shown = Object.fromEntries(basics.map((path) => [path, valueAt(settings, path)]));
  return answersOf(newDraft({ ...shown, ...given }, {}, 0));
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
