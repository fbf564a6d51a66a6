import { DevflowError } from "../../components/error.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { envFileStore } from "../secrets/env-file.ts";
import { locateStack } from "../stack.ts";
import type { Command } from "./command.ts";

export const credentials: Command = {
  name: "credentials",
  summary: "List generated credentials, or show one",
  arguments: [{ name: "name", description: "the credential to show, `component/credential`" }],
  examples: [
    { command: "./devflow credentials", does: "the names, never the values" },
    {
      command: "./devflow credentials code/administrator",
      does: "the password of the first administrator of Git hosting",
    },
    { command: "./devflow credentials code/administrator | pbcopy", does: "straight into the clipboard (macOS)" },
  ],
  async run({ options, args, io }) {
    const { paths, name: stack } = await locateStack(io, options);
    const store = envFileStore(paths.secrets);
    const names = await store.list();
    const [name] = args;
    if (name === undefined) {
      if (!io.json) io.out(names.map((known) => `${known}\n`).join(""));
      return { names };
    }
    const value = await store.get(name);
    if (value === undefined) {
      const near = nearest(name, names);
      throw new DevflowError("NOT_FOUND", `Stack ${stack} has no credential "${name}".`, {
        hint: near ? `Did you mean ${near}?` : "./devflow credentials lists the names; ./devflow up makes them.",
      });
    }
    if (!io.json) io.out(`${value}\n`);
    return { name, value };
  },
};
