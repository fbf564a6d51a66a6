import { stringify } from "yaml";
import { DevflowError } from "../../components/error.ts";
import { loginName } from "../../components/provider/login-name.ts";
import { homePaths, stackPaths } from "../../components/provider/paths.ts";
import { generateSchema } from "../../stacks/config/generate.ts";
import {
  allowed,
  nearestPath,
  parseAssignments,
  redact,
  type Settings,
  schemaAt,
  variableOf,
} from "../../stacks/config/index.ts";
import { checkout, findAnswers, shownPath, updateAnswers } from "../answers.ts";
import { type Explained, explained } from "../explained.ts";
import { loadAnswers, loadSettings } from "../settings.ts";
import { onStdout } from "../terminal/io.ts";
import { say } from "../terminal/say.ts";
import { table } from "../terminal/table.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";

interface Input {
  options: GlobalOptions;
  args: string[];
  io: Io;
}

export const config: Command = {
  name: "config",
  summary: "Show, explain and change the configuration",
  examples: [
    { command: "./devflow config explain", does: "every setting, its value and where it comes from" },
    { command: "./devflow config explain network.port", does: "one setting in full" },
    { command: "./devflow config set network.port=4500", does: "change the answers file" },
  ],
  subcommands: [
    {
      name: "explain",
      summary: "Say what each setting is and where it comes from",
      arguments: [{ name: "path", description: "a setting or a section, such as network" }],
      examples: [{ command: "./devflow config explain sizing", does: "the settings of one section" }],
      run: explain,
    },
    {
      name: "show",
      summary: "Print the settings in force as YAML",
      examples: [{ command: "./devflow config show --json", does: "the same as JSON" }],
      run: show,
    },
    {
      name: "set",
      summary: "Change settings in the answers file; an empty value takes one out",
      arguments: [{ name: "path=value", description: "what to change", required: true, variadic: true }],
      examples: [{ command: "./devflow config set components.code=false", does: "leave code hosting out" }],
      run: set,
    },
    {
      name: "validate",
      summary: "Check the answers file and everything else that gives settings",
      examples: [{ command: "./devflow config validate", does: "name every error with its line" }],
      run: validate,
    },
    {
      name: "pulumi",
      summary: "Print the same settings as a stack file of Pulumi, for `pulumi up` without the installer",
      examples: [{ command: "./devflow config pulumi > Pulumi.box.yaml", does: "for the stack named box" }],
      run: pulumi,
    },
    {
      name: "systemd",
      summary: "Print a systemd unit that brings an appliance up with its machine",
      options: [{ flags: "--own", description: "a unit of your own user, as rootless Docker needs it" }],
      examples: [
        {
          command: "./devflow config systemd | sudo tee /etc/systemd/system/devflow-box.service",
          does: "then: sudo systemctl enable --now devflow-box",
        },
      ],
      run: systemd,
    },
    {
      name: "schema",
      summary: "Print the JSON Schema of the answers file",
      examples: [{ command: "./devflow config schema > devflow.schema.json", does: "keep it for an editor" }],
      run: schema,
    },
  ],
};

async function pulumi({ options, io }: Input) {
  const { settings, found } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  const [{ stackFile }, { readLock }] = await Promise.all([
    import("../pulumi/stack-file.ts"),
    import("../images/lock.ts"),
  ]);
  const paths = stackPaths(homePaths(io.env).home, settings.stack.name);
  const text = stackFile(settings, paths, (await readLock(found.file))?.lock.images);
  if (!io.json) io.out(text);
  return { stack: settings.stack.name, file: text };
}

async function systemd({ options, io }: Input & { options: { own?: boolean } }) {
  const { settings, found } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  if (settings.stack.kind !== "onprem") {
    throw new DevflowError("UNSUPPORTED", `A stack of kind ${settings.stack.kind} is no appliance.`, {
      hint: "The unit is for stack.kind: onprem.",
    });
  }
  const { renderUnit } = await import("../appliance/unit.ts");
  const unit = renderUnit({
    stack: settings.stack.name,
    checkout,
    answers: found.file,
    home: homePaths(io.env).home,
    ...(!options.own && { user: loginName() }),
  });
  if (!io.json) io.out(unit);
  return { stack: settings.stack.name, unit };
}

async function explain({ options, args, io }: Input): Promise<(Explained & { only?: readonly string[] })[]> {
  const wanted = args[0] ?? "";
  const described = schemaAt(wanted === "" ? [] : wanted.split("."));
  if (!described) throw unknown(wanted);
  const { sources, warnings, settings } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  const rows = Object.entries(sources)
    .filter(([path]) => wanted === "" || path === wanted || path.startsWith(`${wanted}.`))
    .map(([path, source]) => ({ ...explained(path, source), ...elsewhere(path, settings.stack.kind) }));
  if (io.json) return rows;
  warn(io, warnings);
  const lines = table(onStdout(io), rows, [
    { title: "SETTING", value: (row) => row.path },
    { title: "VALUE", value: (row) => shortened(valueText(row.value)) },
    { title: "FROM", value: ({ from, only }) => (only ? "unused" : from) },
    { title: "WHERE", value: placeOf },
  ]);
  io.out(`${lines.join("\n")}\n`);
  if (rows[0]?.path === wanted) io.out(`\n${details(wanted)}\n`);
  return rows;
}

/** Kinds of stack that a setting is for, where this one is none of them: its value changes nothing here. */
function elsewhere(path: string, kind: Settings["stack"]["kind"]): { only?: readonly string[] } {
  const stacks = schemaAt(path.split("."))?.["x-stacks"];
  return stacks && !stacks.includes(kind) ? { only: stacks } : {};
}

/** Where a value comes from and, where it changes nothing here, which kinds of stack it is for. */
function placeOf({ from, where, only }: Explained & { only?: readonly string[] }): string {
  const kinds = only && `only ${only.join(", ")}`;
  return [from === "default" && kinds ? undefined : where, kinds].filter(Boolean).join("; ");
}

async function show({ options, io }: Input): Promise<unknown> {
  const { settings, warnings } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  const visible = redact(settings);
  if (!io.json) {
    warn(io, warnings);
    io.out(stringify(visible, { lineWidth: 0 }));
  }
  return visible;
}

async function set({ options, args, io }: Input): Promise<{ file: string; changed: Record<string, unknown> }> {
  const { file } = await findAnswers({ answers: options.answers, env: io.env, cwd: io.cwd, of: options });
  const name = shownPath(file, io.cwd);
  const removed = args.filter((text) => text.endsWith("=") && text.indexOf("=") === text.length - 1);
  const removals = removed.map((text) => text.slice(0, -1));
  const lost = removals.find((path) => !schemaAt(path.split(".")));
  if (lost !== undefined) throw unknown(lost);
  const changed = {
    ...parseAssignments(args.filter((text) => !removed.includes(text))),
    ...Object.fromEntries(removals.map((path) => [path, undefined])),
  };
  await updateAnswers(file, changed, name);
  say(io, `Changed ${Object.keys(changed).join(", ")} in ${name}. \`./devflow up\` makes it so.`);
  return { file, changed: Object.fromEntries(Object.entries(changed).map(([path, value]) => [path, value ?? null])) };
}

async function validate({
  options,
  io,
}: Input): Promise<{ file: string | null; settings: number; warnings: string[] }> {
  const { answers, found } = await loadAnswers({ options, env: io.env, cwd: io.cwd });
  const { sources, warnings } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  const settings = Object.values(sources).filter(({ from }) => from === "answers").length;
  if (!io.json) {
    warn(io, warnings);
    const subject = answers
      ? `${answers.file} is valid: ${settings} settings.`
      : "No answers file; the defaults are valid.";
    io.out(`${subject}\n`);
  }
  return { file: answers ? found.file : null, settings, warnings };
}

async function schema({ io }: Input): Promise<unknown> {
  const text = generateSchema();
  if (!io.json) io.out(text);
  return JSON.parse(text);
}

function valueText(value: unknown): string {
  if (value === null) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One long list must not push out of the terminal where each setting comes from; `explain PATH` shows it whole. */
function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** What the schema says about one setting, a line each. */
function details(path: string): string {
  const described = schemaAt(path.split("."));
  if (!described) return "";
  const facts: [string, unknown][] = [
    ["means", described.description],
    ["allowed", allowed(described)],
    ["default", described.default],
    ["examples", described.examples?.map(valueText).join(", ")],
    ["stacks", described["x-stacks"]?.join(", ")],
    ["variable", variableOf(path)],
  ];
  return facts
    .filter(([, fact]) => fact !== undefined && fact !== "")
    .map(([title, fact]) => `${title.padEnd(10)}${valueText(fact)}`)
    .join("\n");
}

function warn(io: Io, warnings: string[]): void {
  for (const warning of warnings) say(io, `Warning: ${warning}`);
}

function unknown(path: string): DevflowError {
  const near = nearestPath(path);
  return new DevflowError("NOT_FOUND", `There is no setting ${path}.`, {
    hint: near ? `Did you mean ${near}?` : "`./devflow config explain` lists all settings.",
  });
}
