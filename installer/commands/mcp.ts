import type { Options } from "../mcp/run.ts";
import type { Command } from "./command.ts";
import { where } from "./where.ts";

export const mcp: Command<Options> = {
  name: "mcp",
  summary: "Speak MCP over standard input and output, for editors and agents",
  options: [
    {
      flags: "--server <name>",
      description: "one server under its own names (default: all, and the platform's tools)",
    },
    { flags: "--url <address>", description: "a platform elsewhere (default: the one on this machine)" },
    ...where,
  ],
  examples: [
    { command: "./devflow mcp", does: "what an editor starts; it ends when the editor closes its side" },
    { command: "./devflow mcp --server github", does: "only the server named github, with its own tool names" },
    { command: "./devflow mcp --context dev.example.com", does: "a platform that `login` signed in to" },
  ],
  run: async (input) => (await import("../mcp/run.ts")).speak(input),
};
