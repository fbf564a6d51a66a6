import type { Io } from "../commands/command.ts";

export interface Symbols {
  done: string;
  warning: string;
  failed: string;
  waiting: string;
  skipped: string;
  /** Frames of the spinner. */
  spinner: readonly string[];
  /** Bar: full cell, empty cell. */
  full: string;
  empty: string;
  ellipsis: string;
  separator: string;
  arrow: string;
}

const unicode: Symbols = {
  done: "✓",
  warning: "!",
  failed: "✗",
  waiting: "·",
  skipped: "–",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  full: "█",
  empty: "░",
  ellipsis: "…",
  separator: "·",
  arrow: "→",
};

const ascii: Symbols = {
  done: "+",
  warning: "!",
  failed: "x",
  waiting: ".",
  skipped: "-",
  spinner: ["|", "/", "-", "\\"],
  full: "#",
  empty: ".",
  ellipsis: "...",
  separator: "|",
  arrow: "->",
};

/** ASCII where the locale is not UTF-8 (LC_ALL, LC_CTYPE, LANG in POSIX's order) or the terminal is a bare console. */
export function symbols(io: Pick<Io, "env">): Symbols {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = io.env;
  const locale = LC_ALL || LC_CTYPE || LANG || "";
  const utf8 = /utf-?8/i.test(locale) || (locale === "" && process.platform === "darwin");
  return utf8 && TERM !== "linux" && TERM !== "dumb" ? unicode : ascii;
}
