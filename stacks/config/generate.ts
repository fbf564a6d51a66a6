import { readFileSync, writeFileSync } from "node:fs";
import { allowed } from "./allowed.ts";
import { variableOf } from "./environment.ts";
import { leaves, type SchemaNode } from "./paths.ts";
import { componentNames, profiles } from "./profiles.ts";
import { stackKinds } from "./schema/kinds.ts";
import { answersSchema } from "./validate.ts";

/** Text of configs/devflow.schema.json: what editors complete and check answers files by. */
export function generateSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "DevFlow answers file",
    description:
      "Answers of a DevFlow stack: any part of the settings. What is left out comes from the profile or a default.",
    ...answersSchema,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** docs/configuration.md with the tables between its markers made anew; everything else stays as it is. */
export function generateConfigurationPage(current: string): string {
  return between(between(current, "profiles", profileTable()), "settings", settingsTable());
}

function settingsTable(): string {
  const rows = leaves.map(({ path, schema }) => [
    `\`${path}\``,
    describe(schema),
    escaped(allowed(schema)),
    schema.default === undefined ? "not set" : `\`${JSON.stringify(schema.default)}\``,
    `\`${variableOf(path)}\``,
  ]);
  return markdownTable(["setting", "means", "allowed", "default", "variable"], rows);
}

function describe(schema: SchemaNode): string {
  const stacks = schema["x-stacks"] ?? stackKinds;
  const only = stacks.length === stackKinds.length ? "" : ` (${stacks.join(", ")} only)`;
  return escaped(`${schema.description ?? ""}${only}`);
}

function profileTable(): string {
  const all = Object.values(profiles());
  const rows = [
    ["**in all, `local`**", ...all.map(({ memory }) => `**${memory.total.local} MiB**`)],
    ["**in all, `onprem`**", ...all.map(({ memory }) => `**${memory.total.onprem} MiB**`)],
    ...componentNames.map((name) => [name, ...all.map((profile) => memoryCell(profile, name))]),
  ];
  return markdownTable(["resident memory", ...all.map(({ name }) => `\`${name}\``)], rows);
}

function memoryCell(profile: ReturnType<typeof profiles>["full"], name: (typeof componentNames)[number]): string {
  const chosen: Record<string, boolean | undefined> = profile.settings.components ?? {};
  const memory = `${profile.memory.components[name]} MiB`;
  return chosen[name] === false ? `not run (${memory} when added)` : memory;
}

function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

function between(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/configuration.md lacks the markers of ${name}`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

if (import.meta.main) {
  const page = new URL("../../docs/configuration.md", import.meta.url);
  writeFileSync(new URL("../../configs/devflow.schema.json", import.meta.url), generateSchema());
  writeFileSync(page, generateConfigurationPage(readFileSync(page, "utf8")));
}
