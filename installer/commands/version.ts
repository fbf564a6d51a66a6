import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "Show the versions of DevFlow, Node and the programs it runs",
  examples: [
    { command: "devflow version", does: "show versions" },
    { command: "devflow version --json", does: "the same for scripts" },
    { command: "devflow --version", does: "only DevFlow's own version" },
  ],
  async run({ io }) {
    const data = {
      devflow: devflowVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    if (io.json) return data;
    io.out(`DevFlow ${data.devflow}\nNode    ${data.node} (${data.platform})\n`);
    return data;
  },
};

/** Version of this checkout. */
export function devflowVersion(): string {
  const file = fileURLToPath(new URL("../../package.json", import.meta.url));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
