import type { CommandDeclaration } from "../../glue-services/kit/declare/index.ts";
import type { GlobalOptions, Io } from "../commands/command.ts";
import { platformApi } from "../platform-api.ts";
import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";

interface Input {
  options: GlobalOptions & Record<string, unknown>;
  args: string[];
  io: Io;
}

/** Calls the route of a service's command and shows the answer. */
export async function callRoute(command: CommandDeclaration, service: string, input: Input): Promise<unknown> {
  const { io, options } = input;
  const { method, path, query, body } = requestOf(command, input);
  const api = await platformApi(io, options, {
    needs: `Commands of ${service}`,
    scopes: "that they ask for",
    docs: "command-line",
  });
  const answer = await api.call(method, `${path}${query}`, body);
  if (answer === undefined) say(io, "Done.");
  else if (!io.json) io.out(shown(command, answer, io));
  return answer ?? null;
}

export interface RouteRequest {
  method: CommandDeclaration["route"]["method"];
  path: string;
  /** With its question mark, or empty. */
  query: string;
  body?: Record<string, string | string[]>;
}

/** The request that arguments and options come to. */
export function requestOf(
  { route, arguments: named = [], options: declared = [] }: CommandDeclaration,
  input: Omit<Input, "io">,
): RouteRequest {
  const values = new Map<string, string | string[]>();
  for (const [at, { name, variadic }] of named.entries()) {
    const value = variadic ? input.args.slice(at).join(" ") : input.args[at];
    if (value) values.set(name, value);
  }
  for (const { flags } of declared) {
    const name = propertyOf(flags);
    const value = input.options[name];
    if (value !== undefined) values.set(name, Array.isArray(value) ? value.map(String) : String(value));
  }
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name) ?? "";
    values.delete(name);
    return encodeURIComponent(String(value));
  });
  const rest = Object.fromEntries(values);
  if (route.method !== "GET") return { method: route.method, path, query: "", ...(values.size > 0 && { body: rest }) };
  const pairs = [...values].flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return { method: route.method, path, query: pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "" };
}

/** `--most-pages <count>` is `mostPages`, as the parser has it. */
function propertyOf(flags: string): string {
  const [, long = ""] = /--([a-z][a-z0-9-]*)/.exec(flags) ?? [];
  return long.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function shown({ columns }: CommandDeclaration, answer: unknown, io: Io): string {
  if (!columns) return `${JSON.stringify(answer, null, 2)}\n`;
  const rows = [answer].flat().filter((row) => typeof row === "object" && row !== null);
  const lines = table(
    onStdout(io),
    rows,
    columns.map(({ title, property }) => ({ title, value: (row) => textOf(Reflect.get(row, property)) })),
  );
  return `${lines.join("\n")}\n`;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
