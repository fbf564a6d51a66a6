import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { DevflowError } from "../../components/error.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { platformApi } from "../platform-api.ts";

export interface ApiOptions extends GlobalOptions {
  context?: string;
  keyFile?: string;
  body?: string;
  field?: string[];
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Calls any route of the platform with the rights of whoever is signed in, and prints its answer. */
export async function callApi(input: { options: ApiOptions; args: string[]; io: Io }): Promise<unknown> {
  const { options, args, io } = input;
  const [method, path] = read(args);
  const body = await bodyOf(options, io);
  const api = await platformApi(io, options, {
    needs: "Routes of the platform",
    scopes: "that they ask for",
    docs: "command-line",
  });
  const answer = await api.call(method, path, body);
  if (!io.json && answer !== undefined) io.out(`${JSON.stringify(answer, null, 2)}\n`);
  return answer ?? null;
}

/** @throws DevflowError USAGE */
function read(args: readonly string[]): [(typeof methods)[number], string] {
  const given = args.length > 1 ? args[0]?.toUpperCase() : "GET";
  const path = args.at(-1) ?? "";
  const method = methods.find((one) => one === given);
  if (!method) throw usage(`${args[0]} is no method.`, `Use one of ${methods.join(", ")}.`);
  if (!/^\/(api|v1)\//.test(path) || /[\s\\]|\/\.\.?(\/|$)/.test(path)) {
    throw usage(
      `${JSON.stringify(path)} is no path of the platform.`,
      "Give one that /api/openapi.json names, such as /api/identity/me.",
    );
  }
  return [method, path];
}

async function bodyOf({ body, field = [] }: ApiOptions, io: Io): Promise<object | undefined> {
  if (body === undefined && field.length === 0) return undefined;
  const text = body === undefined ? "{}" : await given(body, io);
  const read = parsed(text, "The body");
  return { ...read, ...Object.fromEntries(field.map(pair)) };
}

/** JSON as it was typed, `@file`, or `-` for standard input. */
async function given(body: string, io: Io): Promise<string> {
  if (body === "-") return readAll(process.stdin);
  if (!body.startsWith("@")) return body;
  const file = resolve(io.cwd, body.slice(1));
  return readFile(file, "utf8").catch((error: Error) => {
    throw usage(`${file} could not be read: ${error.message}.`, "Name a file with the body as JSON.");
  });
}

function parsed(text: string, what: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw usage(`${what} is not JSON: ${(error as Error).message}.`, 'Write it as in --body \'{"name": "x"}\'.');
  }
  throw usage(`${what} is not a JSON object.`, 'Write it as in --body \'{"name": "x"}\'.');
}

/** `name=value`: the value is JSON where it can be read as such, else text. */
function pair(text: string): [string, unknown] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw usage(`${text} is no field.`, "Write it as name=value.");
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

function usage(message: string, hint: string): DevflowError {
  return new DevflowError("USAGE", message, { hint, docs: "command-line" });
}
