import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "Show the versions of DevFlow, Node and the programs it runs",
  examples: [
    { command: "./devflow version", does: "show versions" },
    { command: "./devflow version --json", does: "the same for scripts" },
    { command: "./devflow --version", does: "only DevFlow's own version" },
  ],
  async run({ io }) {
    const { upstreams } = await import("../../components/catalogue/index.ts");
    const programs = Object.fromEntries(upstreams().map(({ name, version }) => [name, version]));
    const platform = `${process.platform}-${process.arch}`;
    const data = { devflow: devflowVersion(), node: process.versions.node, platform, programs };
    if (!io.json) {
      const lines = [["devflow", data.devflow], ["node", `${data.node} (${platform})`], ...Object.entries(programs)];
      const widest = Math.max(...lines.map(([name = ""]) => name.length));
      io.out(lines.map(([name = "", version]) => `${name.padEnd(widest)}  ${version}\n`).join(""));
    }
    return data;
  },
};

/** Version of this checkout. */
export function devflowVersion(): string {
  const file = fileURLToPath(new URL("../../package.json", import.meta.url));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
