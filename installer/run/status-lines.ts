import type { ProcessStatus } from "../../components/provider/process.ts";
import type { Io } from "../commands/command.ts";
import { progressText } from "../terminal/bar.ts";
import { fit } from "../terminal/fit.ts";
import { bytes, count, duration } from "../terminal/human.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { sentence } from "../terminal/say.ts";
import { symbols } from "../terminal/symbols.ts";
import { table } from "../terminal/table.ts";
import type { ComponentStatus, StackStatus, State } from "./status.ts";
import { summary } from "./summary.ts";

/** What `status` shows: a line for the whole, a table of components with their processes below, and what is wrong. */
export function statusLines(io: Io, status: StackStatus, now: number): string[] {
  if (status.components.length === 0)
    return sentence(`Stack ${status.stack} does not run. Start it with \`./devflow up\`.`, io.columns);
  const rows = status.components.flatMap((component) => rowsOf(component));
  const cells = table(io, rows, [
    { title: "  component", value: (row) => `${mark(io, row)} ${row.label}` },
    { title: "version", value: ({ version }) => version ?? "", spare: 5 },
    { title: "state", value: (row) => paint(io, styles[row.state] ?? "dim", row.word) },
    { title: "pid", value: ({ process }) => String(process?.pid ?? ""), align: "right", spare: 6 },
    { title: "up", value: ({ process }) => uptime(process, now), align: "right", spare: 4 },
    {
      title: "restarts",
      value: ({ process }) => (process?.restarts ? String(process.restarts) : ""),
      align: "right",
      spare: 1,
    },
    { title: "memory", value: ({ memory }) => (memory === undefined ? "" : bytes(memory)), align: "right", spare: 3 },
    {
      title: "cpu",
      value: ({ cpu }) => (cpu === undefined ? "" : `${cpu.toFixed(cpu < 10 ? 1 : 0)} %`),
      align: "right",
      spare: 7,
    },
    { title: "ports", value: ({ process }) => portList(process?.ports ?? []), spare: 8 },
    { title: "address", value: ({ note }) => note ?? "" },
  ]);
  return [
    headline(io, status),
    "",
    ...cells,
    ...status.components.flatMap((component) => trouble(io, component)),
    ...runLines(io, status).flatMap((line) => sentence(line, io.columns)),
  ];
}

interface Row {
  label: string;
  inner: boolean;
  state: State;
  word: string;
  version: string | undefined;
  process: ProcessStatus | undefined;
  memory: number | undefined;
  cpu: number | undefined;
  /** Its address, or how far its preparation is. */
  note: string | undefined;
}

/** A component of one process is one line; of several, a line of its own and one for each. */
function rowsOf(component: ComponentStatus): Row[] {
  const { name, state, version, processes, memory, cpu, url, progress } = component;
  const [only, ...others] = processes;
  const alone = others.length === 0 ? only : undefined;
  const label = alone && alone.name !== name ? `${name} (${alone.name})` : name;
  const word = alone?.state === "crashloop" ? "crash loop" : state;
  const note = progress ? progressText(progress) : url;
  const head: Row = { label, inner: false, state, word, version, process: alone, memory, cpu, note };
  if (others.length === 0) return [head];
  const inner = processes.map((process): Row => {
    const { rss, state: word } = process;
    const shown: State =
      word === "ready" ? "ready" : word === "starting" ? "starting" : word === "stopped" ? "stopped" : "failed";
    return {
      label: process.name,
      inner: true,
      state: shown,
      word,
      version: undefined,
      process,
      memory: rss,
      cpu: process.cpu,
      note: undefined,
    };
  });
  return [head, ...inner];
}

function headline(io: Io, { stack, state, components, memory, processes }: StackStatus): string {
  const ready = components.filter((component) => component.state === "ready").length;
  const word = paint(
    io,
    styles[state] ?? "dim",
    ready === components.length ? "all ready" : `${ready} of ${components.length} ready`,
  );
  const { separator } = symbols(io);
  const parts = [`stack ${stack}`, word, count(processes, "process", "processes"), bytes(memory)];
  return fit(io, parts.join(` ${separator} `));
}

function trouble(io: Io, component: ComponentStatus): string[] {
  if (component.reason === undefined || component.state === "ready") return [];
  const process = component.processes.find(({ state, lastLines }) => state !== "ready" && lastLines.length > 0);
  const lines = (process?.lastLines ?? []).slice(-5).map((line) => fit(io, paint(io, "dim", `    ${line}`)));
  const log = process ? [paint(io, "dim", `    ${process.log}`)] : [];
  const reason = `${paint(io, styles[component.state] ?? "dim", component.name)}: ${component.reason}`;
  return ["", ...sentence(reason, io.columns), ...lines, ...log];
}

function runLines(io: Io, { run, state }: StackStatus): string[] {
  if (state === "ready") return [];
  const { arrow } = symbols(io);
  switch (run?.state) {
    case "running":
      return ["", `A run is under way: \`./devflow status --watch\` shows it, \`./devflow up\` joins it.`];
    case "died":
      return ["", `The last run was killed before its end ${arrow} \`./devflow up\` resumes.`];
    case "interrupted":
      return ["", `The last run was stopped before its end ${arrow} \`./devflow up\` resumes.`];
    case "failed":
      return [
        "",
        `The last run failed: ${run.error ? summary(run.error.message) : "see its log"} ${arrow} \`./devflow up\` resumes.`,
      ];
    default:
      return [];
  }
}

const styles: Partial<Record<State, Style>> = {
  ready: "green",
  failed: "red",
  unready: "yellow",
  skipped: "yellow",
  preparing: "cyan",
  starting: "cyan",
};

function mark(io: Io, row: Row): string {
  const marks = symbols(io);
  const shown: Partial<Record<State, string>> = {
    ready: marks.done,
    failed: marks.failed,
    unready: marks.warning,
    skipped: marks.skipped,
  };
  return `${row.inner ? "  " : ""}${paint(io, styles[row.state] ?? "dim", shown[row.state] ?? marks.waiting)}`;
}

function uptime(process: ProcessStatus | undefined, now: number): string {
  if (process?.pid === undefined || process.startedAt === undefined) return "";
  return duration(Math.round((now - Date.parse(process.startedAt)) / 1000)).replace(/\.0 s$/, " s");
}

function portList(ports: number[]): string {
  return ports.length > 3 ? `${ports.slice(0, 2).join(" ")} +${ports.length - 2}` : ports.join(" ");
}
