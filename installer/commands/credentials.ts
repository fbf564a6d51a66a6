import { secretValue } from "../secrets/commands/get.ts";
import { envFileStore } from "../secrets/env-file.ts";
import { locateStack } from "../stack.ts";
import type { Command } from "./command.ts";

/** The generated part of `secrets list` and `secrets get`, under the name it had first. */
export const credentials: Command = {
  name: "credentials",
  summary: "List generated credentials, or show one; short for secrets list and get",
  arguments: [{ name: "name", description: "the credential to show, `component/credential`" }],
  examples: [
    { command: "./devflow credentials", does: "the names, never the values" },
    {
      command: "./devflow credentials code/administrator",
      does: "the password of the platform's own account in Git hosting",
    },
    { command: "./devflow credentials code/administrator | pbcopy", does: "straight into the clipboard (macOS)" },
  ],
  async run({ options, args, io }) {
    const [name] = args;
    if (name === undefined) {
      const { paths } = await locateStack(io, options);
      const names = await envFileStore(paths.secrets).list();
      if (!io.json) io.out(names.map((known) => `${known}\n`).join(""));
      return { names };
    }
    const value = await secretValue(io, options, name);
    if (!io.json) io.out(`${value}\n`);
    return { name, value };
  },
};
