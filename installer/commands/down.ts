import { existsSync } from "node:fs";
import { join } from "node:path";
import { refuseUnknownStack } from "../known-stacks.ts";
import { stopLiveRun, stopProcesses } from "../run/stop.ts";
import { loadSettings } from "../settings.ts";
import { locateStack } from "../stack.ts";
import { count } from "../terminal/human.ts";
import { say } from "../terminal/say.ts";
import { during } from "../terminal/spinner.ts";
import { symbols } from "../terminal/symbols.ts";
import type { Command, GlobalOptions, Io } from "./command.ts";

export const down: Command = {
  name: "down",
  summary: "Stop everything and keep all data",
  examples: [
    { command: "./devflow down", does: "stop; `./devflow up` goes on where it was" },
    { command: "./devflow down --stack demo", does: "stop another stack" },
    { command: "./devflow down --json", does: "what was stopped, for scripts" },
  ],
  async run({ options, io }) {
    const { name, paths, home } = await locateStack(io, options);
    if (!existsSync(paths.root)) {
      if (options.stack !== undefined) await refuseUnknownStack({ name, paths, home });
      if (!io.json) io.err(`Stack ${name} does not exist, so nothing runs.\n`);
      return { stack: name, stopped: [], run: false };
    }
    const run = await during(io, "Ending the run under way", stopLiveRun(paths));
    const { saying, onChange } = progress(io);
    const stopped = await during(io, saying, stopProcesses(paths, io.signal, onChange));
    const containers = existsSync(join(paths.root, "pulumi")) ? await stopAppliance(io, options) : [];
    if (!io.json) {
      const ended = [
        ...(stopped.length > 0 ? [count(stopped.length, "process", "processes")] : []),
        ...(containers.length > 0 ? [count(containers.length, "container")] : []),
      ];
      const what = ended.length === 0 ? "Nothing ran" : `Stopped ${ended.join(" and ")}`;
      say(
        io,
        `${run ? "Ended the run under way. " : ""}${what}. All data stays in ${paths.root}; \`./devflow up\` starts it again.`,
      );
    }
    return { stack: name, stopped: [...stopped.map((process) => process.name), ...containers], run };
  },
};

/** Stacks in a cluster or a cloud go on: they are not this machine's to stop. */
async function stopAppliance(io: Io, options: GlobalOptions): Promise<string[]> {
  const { settings } = await loadSettings({ options, env: io.env, cwd: io.cwd });
  if (settings.stack.kind !== "onprem") return [];
  const { stopContainers } = await import("../appliance/stop.ts");
  return during(io, "Stopping containers", stopContainers(settings));
}

/** Who still runs, in the one line of a terminal; elsewhere a line each time that somebody has stopped. */
function progress(io: Io): { saying(): string; onChange(left: string[]): void } {
  let running: string[] | undefined;
  return {
    saying: () => ["Stopping", ...(running ?? [])].join(" "),
    onChange(left) {
      const gone = (running ?? []).filter((name) => !left.includes(name));
      running = left;
      if (io.terminal || io.json) return;
      for (const name of gone) io.err(`${symbols(io).done} ${name} stopped\n`);
    },
  };
}
