import { DevflowError } from "../../components/error.ts";

/** What is wrong with one setting. `value` is redacted already. */
export interface Problem {
  /** Answers file, or where else the value came from: `--set network.port=x`, `DEVFLOW_NETWORK_PORT`. */
  file: string;
  /** From 1; undefined where the source has no lines. */
  line: number | undefined;
  column: number | undefined;
  /** `network.port`; empty for the file as a whole. */
  path: string;
  value: unknown;
  /** What may stand there, in words. */
  allowed: string | undefined;
  /** Nearest valid name or value. */
  suggestion: string | undefined;
  message: string;
}

/** Every problem of a configuration at once. */
export class ConfigInvalid extends DevflowError {
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    const sorted = [...problems].sort(byPlace);
    super("CONFIG_INVALID", summary(sorted), {
      hint: "`./devflow config explain <path>` says what a setting means and allows; `./devflow config schema` prints all of them.",
    });
    this.name = "ConfigInvalid";
    this.problems = sorted;
  }
}

/** `devflow.yaml:3:9` */
export function place(problem: Pick<Problem, "file" | "line" | "column">): string {
  return [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(":");
}

const shownProblems = 50;

function summary(problems: Problem[]): string {
  const count = problems.length === 1 ? "one error" : `${problems.length} errors`;
  const lines = problems.slice(0, shownProblems).map(line);
  const rest = problems.length - lines.length;
  return [`The configuration has ${count}.`, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
}

function line(problem: Problem): string {
  return `  ${place(problem)}  ${problem.message}`;
}

function byPlace(a: Problem, b: Problem): number {
  return a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
