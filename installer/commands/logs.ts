import { DevflowError } from "../../components/error.ts";
import { chosenLogs, logSources, type Named } from "../run/log-sources.ts";
import { appendedLines, sizeOf } from "../run/log-tail.ts";
import { showUnits } from "../run/units/follow.ts";
import { unitsOf, type WorkloadEngine } from "../run/units/index.ts";
import { locateStack } from "../stack.ts";
import { lastLines } from "../supervisor/log-reading.ts";
import { pad } from "../terminal/fit.ts";
import { shortLine } from "../terminal/log-line.ts";
import { hue } from "../terminal/paint.ts";
import type { Command, Io } from "./command.ts";

interface Options {
  follow?: boolean;
  lines?: string;
}

export const logs: Command<Options> = {
  name: "logs",
  summary: "Show or follow logs of components, processes, containers or pods",
  arguments: [
    {
      name: "name",
      description:
        "component, process, container or pod, also `run` and, of a local stack, `supervisor`; without one, all",
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
    const place = await locateStack(io, options);
    if (place.workloads && !args.includes("run")) return ofUnits(io, place.workloads, args, options);
    const chosen = chosenLogs(await logSources(place.paths), args);
    if (chosen.length === 0) throw nothing();
    const show = printer(io, chosen);
    const lines = lineCount(options.lines, chosen.length);
    const ends = await Promise.all(chosen.map(({ log }) => sizeOf(log)));
    const last = chosen.flatMap((source) => lastLines(source.log, lines).map((line) => ({ source, line })));
    if (io.json && !options.follow) return { lines: last.map(({ source, line }) => told(source, line)) };
    for (const { source, line } of last) show(source, line);
    if (last.length === 0 && !io.json)
      io.err(`${chosen.map(({ name }) => name).join(", ")} ${chosen.length > 1 ? "have" : "has"} written nothing.\n`);
    if (!options.follow) return;
    await Promise.all(
      chosen.map(async (source, index) => {
        for await (const line of appendedLines(source.log, ends[index] ?? 0, io.signal)) show(source, line);
      }),
    );
  },
};

/** The same of containers and pods, by the engine that runs them. */
async function ofUnits(io: Io, engine: WorkloadEngine, wanted: string[], options: Options): Promise<unknown> {
  await using units = await unitsOf(engine);
  const all = await units.list();
  const chosen = chosenLogs(all, wanted);
  if (chosen.length === 0) throw nothing();
  const kept: ReturnType<typeof told>[] = [];
  const whole = io.json && !options.follow;
  const show = whole ? (source: Named, line: string) => void kept.push(told(source, line)) : printer(io, chosen);
  const last = lineCount(options.lines, chosen.length);
  // Of one that was asked for by itself it is an error that it has said nothing yet; of others it is not.
  const onError = (error: Error, { name }: Named) => {
    if (chosen.length === 1) throw error;
    io.err(`${name}: ${error.message}\n`);
  };
  await showUnits(units, { chosen, wanted, last, follow: options.follow ?? false, signal: io.signal }, show, onError);
  return whole ? { lines: kept } : undefined;
}

/** A line as data. */
function told(
  { name, component }: Named,
  line: string,
): { process: string; component: string | undefined; line: string } {
  return { process: name, component, line };
}

/** One line to stdout: readable, with the process in front when there are several; with `--json` as it is, within JSON. */
function printer(io: Io, chosen: Named[]): (source: Named, line: string) => void {
  const widest = Math.max(...chosen.map(({ name }) => name.length));
  const prefixes = new Map(chosen.map(({ name }, index) => [name, hue(io, index, pad(name, widest))]));
  return (source, line) => {
    if (io.json) {
      io.out(`${JSON.stringify(told(source, line))}\n`);
    } else {
      const text = shortLine(io, line);
      io.out(chosen.length === 1 ? `${text}\n` : `${prefixes.get(source.name) ?? source.name} ${text}\n`);
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
    hint: "`./devflow up` starts it.",
  });
}
