import type { Options } from "../mcp/run.ts";
import type { Command } from "./command.ts";

export const mcp: Command<Options> = {
  name: "mcp",
  summary: "Speak MCP over standard input and output, for editors and agents",
  options: [
    {
      flags: "--server <name>",
      description: "one server under its own names (default: all, and the platform's tools)",
    },
    { flags: "--url <address>", description: "a platform elsewhere (default: the one on this machine)" },
    { flags: "--key-file <file>", description: "file of an API key (also DEVFLOW_API_KEY)" },
  ],
  examples: [
    { command: "./devflow mcp", does: "what an editor starts; it ends when the editor closes its side" },
    { command: "./devflow mcp --server github", does: "only the server named github, with its own tool names" },
    { command: "./devflow mcp --url https://dev.example.com --key-file key", does: "a platform elsewhere" },
  ],
  run: async (input) => (await import("../mcp/run.ts")).speak(input),
};
