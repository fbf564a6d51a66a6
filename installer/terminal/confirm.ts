import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import { wrap } from "./fit.ts";

/**
 * Asks yes or no on stderr. The caller has made sure that `io.interactive`.
 * @throws DevflowError ABORTED when the question is left with Ctrl-C.
 */
export async function confirm(io: Io, message: string, byDefault = true): Promise<boolean> {
  return (await ask(io, { type: "confirm", message, default: byDefault })) === true;
}

/** Asks for a line of text on stderr. @throws DevflowError ABORTED on Ctrl-C. */
export async function question(io: Io, message: string): Promise<string> {
  return String(await ask(io, { type: "input", message }));
}

type Question = { type: "confirm"; message: string; default: boolean } | { type: "input"; message: string };

async function ask(io: Io, asked: Question): Promise<unknown> {
  const { createPromptModule } = await import("inquirer");
  const prompt = createPromptModule({ output: process.stderr, signal: io.signal });
  // The terminal would break it within a word; the mark before it and the choice after it need their room.
  const message = wrap(asked.message, io.columns - 10).join("\n");
  try {
    return (await prompt([{ ...asked, message, name: "answer" }])).answer;
  } catch (cause) {
    if (!(cause instanceof Error) || !/^(ExitPromptError|AbortPromptError)$/.test(cause.name)) throw cause;
    throw new DevflowError("ABORTED", "Nothing was changed: the question was left without an answer.", {
      hint: "Run the command again, or add --yes to take the proposed answers.",
      cause,
    });
  }
}
