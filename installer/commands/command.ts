/** What a command may touch of the world around it. `installer/cli.ts` makes it; tests make their own. */
export interface Io {
  /** Data, to stdout. With `json` a command leaves this to the dispatcher, except for streams (one JSON value a line). */
  out(text: string): void;
  /** Everything else (progress, questions, notes), to stderr. */
  err(text: string): void;
  json: boolean;
  color: boolean;
  /** stderr is a terminal and this is not CI: lines may be drawn again. */
  terminal: boolean;
  columns: number;
  /** Width of stdout; without it (a pipe, a file) data is never cut. */
  outColumns?: number;
  /** Questions may be asked: stdin and stderr are terminals and `--yes` was not given. */
  interactive: boolean;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborted by the first Ctrl-C; the second one ends the program at once. */
  signal: AbortSignal;
}

/** A flag in commander's notation: `-n, --lines <count>`, `--wait`, `--no-color`. */
export interface Option {
  flags: string;
  description: string;
  choices?: string[];
  default?: unknown;
  /** Gathers every occurrence into an array. */
  repeatable?: boolean;
}

export interface Argument {
  name: string;
  description: string;
  required?: boolean;
  variadic?: boolean;
}

export interface Example {
  command: string;
  does: string;
}

/** Options every command has, as `run` receives them beside its own. */
export interface GlobalOptions {
  stack?: string;
  /** Path of the answers file. */
  answers?: string;
  /** Each `path=value`. */
  set?: string[];
  yes?: boolean;
  json?: boolean;
  /** false with `--no-color`. */
  color?: boolean;
  verbose?: boolean;
}

/** One command as data: help, completion, docs/reference/commands.md and the parser are all made from it. */
// biome-ignore lint/suspicious/noExplicitAny: a table of commands whose options differ; each is typed where it is made.
export interface Command<O = any> {
  name: string;
  /** One line, imperative. */
  summary: string;
  arguments?: Argument[];
  /** The three commonest, shown first in help. */
  examples: Example[];
  options?: Option[];
  subcommands?: Command[];
  /**
   * Does it. The answer is the command's data: printed as JSON with `--json`, otherwise ignored, since the command
   * has shown it through `io` already. It ends with exit code 0 unless it throws (a DevflowError for people, anything
   * else is a bug) or answers `exitWith(code, data)`.
   */
  run?(input: { options: O & GlobalOptions; args: string[]; io: Io }): Promise<unknown>;
}

const exitCode: unique symbol = Symbol("exit code");

export interface Exit {
  [exitCode]: number;
  data: unknown;
}

/** For a command that did its work and found something not well (`status`, `doctor`, `preflight`): data and exit code. */
export function exitWith(code: number, data: unknown): Exit {
  return { [exitCode]: code, data };
}

/** Takes a command's answer apart. */
export function outcome(answer: unknown): { code: number; data: unknown } {
  if (typeof answer === "object" && answer !== null && exitCode in answer) {
    const exit = answer as Exit;
    return { code: exit[exitCode], data: exit.data };
  }
  return { code: 0, data: answer };
}
