import type { Io } from "../commands/command.ts";
import { width, wrap, wrapAdvice } from "../terminal/fit.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { symbols } from "../terminal/symbols.ts";
import type { Diagnosis, Severity } from "./diagnosis.ts";

type Screen = Pick<Io, "color" | "env"> & Partial<Pick<Io, "columns">>;

/** Lines of evidence shown of one finding, and their columns; `--json` has them whole. */
const shown = { lines: 6, columns: 180 };

/** The findings for people, each with the command that fixes it. */
export function formatDiagnoses(diagnoses: Diagnosis[], io: Screen = { color: false, env: process.env }): string[] {
  const mark = symbols(io);
  const signs: Record<Severity, [string, Style]> = {
    error: [mark.failed, "red"],
    warning: [mark.warning, "yellow"],
    info: [mark.waiting, "dim"],
  };
  if (diagnoses.length === 0) return [`Doctor   ${paint(io, "green", mark.done)} nothing found, all is well`];
  const sums = (Object.keys(signs) as Severity[]).flatMap((severity) => {
    const [sign, style] = signs[severity];
    const count = diagnoses.filter((one) => one.severity === severity).length;
    return count > 0 ? [paint(io, style, `${sign} ${count} ${plural(severity, count)}`)] : [];
  });
  const fixable = diagnoses.filter(({ fix }) => fix?.safe && fix.run).length;
  return [
    `Doctor   ${sums.join("   ")}`,
    ...diagnoses.flatMap((one) => ["", ...finding(one, signs[one.severity], io)]),
    ...(fixable > 0
      ? [
          "",
          ...wrap(
            `\`./devflow doctor --fix\` does ${fixable === 1 ? "the one" : `the ${fixable}`} marked safe.`,
            columnsOf(io),
          ),
        ]
      : []),
  ];
}

function finding({ title, detail, evidence, fix }: Diagnosis, [sign, style]: [string, Style], io: Screen): string[] {
  const safe = fix?.safe && fix.run ? paint(io, "green", "   (safe)") : "";
  const columns = columnsOf(io);
  return [
    ...wrap(title, columns, "    ").map((line, index) =>
      index === 0 ? `  ${paint(io, style, sign)} ${line.trimStart()}` : line,
    ),
    ...(detail ? wrap(detail, columns, "      ") : []),
    ...evidence.slice(-shown.lines).map((line) => paint(io, "dim", `      | ${clip(line, io)}`)),
    ...(fix ? fixLines(fix.command, safe, columns) : []),
  ];
}

function columnsOf(io: Screen): number {
  return io.columns ?? Number.POSITIVE_INFINITY;
}

/** The command beside the word where both have room, else below it. */
function fixLines(command: string, safe: string, columns: number): string[] {
  const line = `      fix  ${command}${safe}`;
  if (width(line) <= columns) return [line];
  return [`      fix${safe}`, ...wrapAdvice(command, columns, "      ")];
}

function clip(line: string, io: Screen): string {
  return line.length > shown.columns ? line.slice(0, shown.columns) + symbols(io).ellipsis : line;
}

function plural(severity: Severity, count: number): string {
  return severity === "info" || count === 1 ? (severity === "info" ? "to know" : severity) : `${severity}s`;
}
