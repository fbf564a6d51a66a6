import type { Options } from "../hub/input.ts";
import type { Command } from "./command.ts";
import { where } from "./where.ts";

export const hub: Command<Options> = {
  name: "hub",
  summary: "Keys, usage and models of the AI gateway, and a chat with one",
  examples: [
    { command: "./devflow hub keys create my-app", does: "a key for a program; shown this once" },
    { command: "./devflow hub usage --by model", does: "requests, tokens and cost of the last 30 days" },
    { command: './devflow hub chat "What is a lease?"', does: "ask the model of the route smart" },
  ],
  subcommands: [
    {
      name: "keys",
      summary: "List, make and revoke keys that programs call models with",
      examples: [{ command: "./devflow hub keys list --json", does: "all keys as data, without the keys themselves" }],
      subcommands: [
        {
          name: "list",
          summary: "Show all keys, the newest first",
          options: where,
          examples: [{ command: "./devflow hub keys list", does: "name, first characters, last use, expiry" }],
          run: async (input) => (await import("../hub/keys.ts")).listKeys(input),
        },
        {
          name: "create",
          summary: "Make a key and print it, this once",
          arguments: [{ name: "name", description: "what it is for", required: true }],
          options: [
            ...where,
            { flags: "--project <id>", description: "project it belongs to" },
            { flags: "--model <name>", description: "a route or model it may use (default: all)", repeatable: true },
            { flags: "--expires <time>", description: "day or time after which it is refused, such as 2027-01-31" },
          ],
          examples: [
            {
              command: "./devflow hub keys create ci --model fast --expires 2027-01-31",
              does: "for one route, until then",
            },
            { command: "./devflow hub keys create my-app > key", does: "into a file" },
          ],
          run: async (input) => (await import("../hub/keys.ts")).createKey(input),
        },
        {
          name: "revoke",
          summary: "Refuse a key from now on",
          arguments: [
            {
              name: "id",
              description: "id of the key, or its first characters or name if only one has them",
              required: true,
            },
          ],
          options: where,
          examples: [{ command: "./devflow hub keys revoke dfv_a1b2c3", does: "the key that begins so" }],
          run: async (input) => (await import("../hub/keys.ts")).revokeKey(input),
        },
      ],
    },
    {
      name: "usage",
      summary: "Show what was used: requests, tokens, cost",
      options: [
        ...where,
        {
          flags: "--by <what>",
          description: "day, model, key or project",
          choices: ["day", "model", "key", "project"],
          default: "day",
        },
        { flags: "--from <day>", description: "first day (default: 30 days ago)" },
        { flags: "--to <day>", description: "last day (default: today)" },
      ],
      examples: [
        { command: "./devflow hub usage --by key --from 2026-11-01", does: "who used how much since then" },
        { command: "./devflow hub usage --json", does: "the same as data" },
      ],
      run: async (input) => (await import("../hub/usage.ts")).showUsage(input),
    },
    {
      name: "models",
      summary: "List routes and models, with context and price",
      options: where,
      examples: [{ command: "./devflow hub models", does: "what a program may ask for" }],
      run: async (input) => (await import("../hub/models.ts")).listModels(input),
    },
    {
      name: "chat",
      summary: "Ask a model and print its answer as it comes",
      arguments: [{ name: "question", description: "the question (default: standard input)", variadic: true }],
      options: [
        ...where,
        { flags: "-m, --model <name>", description: "route or model (default: smart, else the first there is)" },
        { flags: "--system <text>", description: "system prompt" },
      ],
      examples: [
        { command: 'git diff | ./devflow hub chat --system "Review this change."', does: "from standard input" },
        { command: './devflow hub chat -m openai/gpt-5-mini "Say hello."', does: "a model by name" },
      ],
      run: async (input) => (await import("../hub/chat.ts")).chat(input),
    },
  ],
};
