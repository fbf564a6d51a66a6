import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
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
    hint: `\`printf %s "$VALUE" | ./devflow secrets set ${name}\`, or --file, or run it in a terminal to be asked.`,
    docs: "secrets",
  });
}

async function source(io: Io, name: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return readText(file);
  if (io.interactive) return prompt(io, name);
  return process.stdin.isTTY ? "" : asText(await buffer(process.stdin), "The value on standard input");
}

/** A file of secrets as text. @throws DevflowError USAGE when it cannot be read or is no text */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error) => Promise.reject(unreadable(file, error)));
  return asText(bytes, file);
}

/** Secrets are kept as text. Bytes that are none would come back as others, so they are refused. */
function asText(bytes: Uint8Array, what: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // It is said below.
  }
  throw new DevflowError("USAGE", `${what} is no UTF-8 text, and only text is kept unchanged.`, {
    hint: "Encode it: `base64 < FILE | ./devflow secrets set NAME`, and decode it where it is used.",
    docs: "secrets",
  });
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
