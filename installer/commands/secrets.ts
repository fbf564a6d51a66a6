import type { Options } from "../secrets/commands/input.ts";
import type { Command, Option } from "./command.ts";
import { where } from "./where.ts";

const options: Option[] = [
  {
    flags: "--tier <tier>",
    description: "platform, organisation or project",
    choices: ["platform", "organisation", "project"],
  },
  { flags: "--project <id>", description: "project, for its own tier" },
  ...where,
];
const fromFile: Option = {
  flags: "--file <file>",
  description: "read the value from a file (default: ask, or standard input)",
};
const name = {
  name: "name",
  description: "NAME_OF_SECRET, or component/credential for a generated one",
  required: true,
};

export const secrets: Command<Options> = {
  name: "secrets",
  summary: "List, read, set, rotate, import and examine secrets",
  examples: [
    { command: "./devflow secrets list", does: "names, tiers and ages, never values" },
    { command: "./devflow secrets set MAIL_PASSWORD", does: "ask for a value and keep it" },
    {
      command: "./devflow secrets rotate postgres/platform",
      does: "a new database password, without an interruption of queries",
    },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Names, tier, backend, age and rotation; never values",
      options,
      examples: [{ command: "./devflow secrets list --json", does: "the same for programs" }],
      run: async (input) => (await import("../secrets/commands/list.ts")).list(input),
    },
    {
      name: "get",
      summary: "Print one value to standard output",
      arguments: [name],
      options,
      examples: [{ command: "./devflow secrets get code/administrator | pbcopy", does: "into the clipboard (macOS)" }],
      run: async (input) => (await import("../secrets/commands/get.ts")).get(input),
    },
    {
      name: "set",
      summary: "Set a value from a prompt, standard input or a file, or a reference",
      arguments: [name],
      options: [
        ...options,
        fromFile,
        { flags: "--reference <reference>", description: "where the value is: op://vault/item/field" },
      ],
      examples: [
        { command: "./devflow secrets set MAIL_PASSWORD < password.txt", does: "from standard input" },
        {
          command: "./devflow secrets set MAIL_PASSWORD --reference op://dev/mail/password",
          does: "keep it in 1Password",
        },
      ],
      run: async (input) => (await import("../secrets/commands/set.ts")).set(input),
    },
    {
      name: "delete",
      summary: "Delete a secret that people set",
      arguments: [name],
      options,
      examples: [{ command: "./devflow secrets delete OLD_TOKEN", does: "ask, then delete it" }],
      run: async (input) => (await import("../secrets/commands/set.ts")).remove(input),
    },
    {
      name: "rotate",
      summary: "Replace generated secrets while the former ones stay valid; without a name, finish what was begun",
      arguments: [{ ...name, required: false, variadic: true }],
      options: [
        ...options,
        fromFile,
        {
          flags: "--overlap <seconds>",
          description: "how long the former value of an organisation's secret stays valid",
          default: "0",
        },
        { flags: "--all", description: "every generated secret that can be rotated" },
      ],
      examples: [{ command: "./devflow secrets rotate storage/secret-key --yes", does: "rotate the keys of storage" }],
      run: async (input) => (await import("../secrets/commands/rotate.ts")).rotateSecrets(input),
    },
    {
      name: "import",
      summary: "Take secrets over from a .env file, after showing their names",
      arguments: [{ name: "file", description: "a .env file", required: true }],
      options,
      examples: [{ command: "./devflow secrets import .env", does: "show what would be set, ask, set it" }],
      run: async (input) => (await import("../secrets/commands/import.ts")).importFile(input),
    },
    {
      name: "doctor",
      summary: "Find readable files, references that fail, unfinished rotations, old secrets and copies",
      examples: [{ command: "./devflow secrets doctor", does: "what is wrong, with what fixes it" }],
      run: async (input) => (await import("../secrets/commands/doctor.ts")).doctor(input),
    },
  ],
};
