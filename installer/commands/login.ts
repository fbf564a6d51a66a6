import type { LoginOptions } from "../contexts/login.ts";
import type { Command } from "./command.ts";

export const login: Command<LoginOptions> = {
  name: "login",
  summary: "Sign this machine in to a platform elsewhere, by its public address",
  arguments: [{ name: "address", description: "as a browser shows it", required: true }],
  options: [
    { flags: "--name <name>", description: "what to call it here (default: its host)" },
    { flags: "--no-browser", description: "only print the address and the code" },
  ],
  examples: [
    {
      command: "./devflow login https://dev.example.com",
      does: "shows a code; agree to it in a browser, on any machine",
    },
    { command: "./devflow login dev.example.com --name work", does: "and call it work" },
    { command: "./devflow login dev.example.com --no-browser", does: "only print address and code, as over SSH" },
  ],
  run: async (input) => (await import("../contexts/login.ts")).login(input),
};

export const logout: Command<{ forget?: boolean }> = {
  name: "logout",
  summary: "End a sign-in of this machine, there and here",
  arguments: [{ name: "name", description: "which one (default: the one in use)" }],
  options: [{ flags: "--forget", description: "only forget the key here; the platform need not answer" }],
  examples: [
    { command: "./devflow logout", does: "the platform in use; its key opens nothing any more" },
    { command: "./devflow logout work", does: "another one" },
    { command: "./devflow logout work --forget", does: "without its platform, which is gone" },
  ],
  run: async (input) => (await import("../contexts/manage.ts")).logout(input),
};

export const contexts: Command = {
  name: "contexts",
  summary: "List the platforms this machine is signed in to, or choose one",
  examples: [
    { command: "./devflow contexts list", does: "name, address, organisation, as whom and until when" },
    { command: "./devflow contexts use work", does: "commands go there from now on" },
    { command: "./devflow contexts use local", does: "commands go to this machine's own stack again" },
  ],
  subcommands: [
    {
      name: "list",
      summary: "Show every platform this machine is signed in to",
      examples: [{ command: "./devflow contexts list --json", does: "the same as data, without keys" }],
      run: async (input) => (await import("../contexts/manage.ts")).listContexts(input),
    },
    {
      name: "use",
      summary: "Choose where commands go",
      arguments: [{ name: "name", description: "one of the list, or local", required: true }],
      examples: [{ command: "./devflow contexts use local", does: "this machine's own stack" }],
      run: async (input) => (await import("../contexts/manage.ts")).useContext(input),
    },
  ],
};
