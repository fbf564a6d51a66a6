import { DevflowError } from "../../components/error.ts";
import { chosenLogs, type LogSource, logSources } from "../run/log-sources.ts";
import { appendedLines, sizeOf } from "../run/log-tail.ts";
import { locateStack } from "../stack.ts";
import { lastLines } from "../supervisor/log-reading.ts";
import { pad } from "../terminal/fit.ts";
import { hue } from "../terminal/paint.ts";
import type { Command, Io } from "./command.ts";

export const logs: Command<{ follow?: boolean; lines?: string }> = {
  name: "logs",
  summary: "Show or follow logs of components or processes",
  arguments: [
    {
      name: "name",
      description: "component or process, also `supervisor` and `run`; without one, all processes",
      variadic: true,
    },
  ],
  examples: [
    { command: "./devflow logs code -f", does: "follow the log of one component" },
    { command: "./devflow logs -n 20", does: "the last 20 lines of every process" },
    { command: "./devflow logs run", does: "what the last `up` said besides its steps" },
  ],
  options: [
    { flags: "-f, --follow", description: "go on showing what is added, until Ctrl-C" },
    {
      flags: "-n, --lines <count>",
      description: "how many of the last lines of each (default: 100 of one, 20 of several)",
    },
  ],
  async run({ options, args, io }) {
    const { paths } = await locateStack(io, options);
    const chosen = chosenLogs(await logSources(paths), args);
    if (chosen.length === 0) throw nothing();
    const show = printer(io, chosen);
    const lines = lineCount(options.lines, chosen.length);
    const ends = await Promise.all(chosen.map(({ log }) => sizeOf(log)));
    for (const source of chosen) for (const line of lastLines(source.log, lines)) show(source, line);
    if (!options.follow) return;
    await Promise.all(
      chosen.map(async (source, index) => {
        for await (const line of appendedLines(source.log, ends[index] ?? 0, io.signal)) show(source, line);
      }),
    );
  },
};

/** One line to stdout: with the process in front when there are several, as JSON with `--json`. */
function printer(io: Io, chosen: LogSource[]): (source: LogSource, line: string) => void {
  const widest = Math.max(...chosen.map(({ name }) => name.length));
  const prefixes = new Map(chosen.map((source, index) => [source, hue(io, index, pad(source.name, widest))]));
  return (source, line) => {
    if (io.json) {
      io.out(`${JSON.stringify({ process: source.name, component: source.component, line })}\n`);
    } else {
      io.out(chosen.length === 1 ? `${line}\n` : `${prefixes.get(source)} ${line}\n`);
    }
  };
}

function lineCount(wanted: string | undefined, sources: number): number {
  if (wanted === undefined) return sources === 1 ? 100 : 20;
  if (/^\d{1,6}$/.test(wanted)) return Number(wanted);
  throw new DevflowError("USAGE", `--lines wants a whole number, not "${wanted}".`, { hint: "For example: -n 50" });
}

function nothing(): DevflowError {
  return new DevflowError("NOT_RUNNING", "There are no logs: the stack has no processes.", {
    hint: "./devflow up starts it.",
  });
}
