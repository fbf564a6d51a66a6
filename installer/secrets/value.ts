import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";

/**
 * A secret's value: from a file, from a prompt that does not show it, or from standard input. Never from an argument,
 * which every user of the machine can read. One newline at the end is not part of it.
 *
 * @throws DevflowError USAGE when there is none, ABORTED when the question is left
 */
export async function readValue(io: Io, { name, file }: { name: string; file?: string | undefined }): Promise<string> {
  const given = await source(io, name, file);
  const value = given.replace(/\r?\n$/, "");
  if (value !== "") return value;
  throw new DevflowError("USAGE", `There is no value for ${name}.`, {
    hint: `printf %s "$VALUE" | ./devflow secrets set ${name}, or --file, or run it in a terminal to be asked.`,
    docs: "secrets",
  });
}

async function source(io: Io, name: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return readFile(file, "utf8").catch((error) => Promise.reject(unreadable(file, error)));
  if (io.interactive) return prompt(io, name);
  return process.stdin.isTTY ? "" : text(process.stdin);
}

async function prompt(io: Io, name: string): Promise<string> {
  const { createPromptModule } = await import("inquirer");
  const ask = createPromptModule({ output: process.stderr, signal: io.signal });
  try {
    const { value } = await ask([{ type: "password", name: "value", message: `Value of ${name}`, mask: "*" }]);
    return String(value);
  } catch (cause) {
    if (!(cause instanceof Error) || !/^(ExitPromptError|AbortPromptError)$/.test(cause.name)) throw cause;
    throw new DevflowError("ABORTED", "Nothing was changed: no value was given.", { hint: "Run it again.", cause });
  }
}

export function unreadable(file: string, cause: NodeJS.ErrnoException): DevflowError {
  return new DevflowError("USAGE", `${file} cannot be read (${cause.code ?? cause.message}).`, {
    hint: "Name a file that is there and that you may read.",
    cause,
  });
}
