import type { Io } from "../commands/command.ts";
import { fit } from "./fit.ts";

/** A block of lines at the bottom of the terminal that is drawn again in place. */
export interface Live {
  /** Replaces the block. Nothing is written when it is the same. */
  draw(lines: string[]): void;
  /** Writes lines that stay, above the block. */
  print(lines: string[]): void;
  /** Leaves the block as it is and ends. */
  done(): void;
}

/**
 * Only for a terminal (`io.terminal`); elsewhere callers print a line per change of state. Lines are cut to the width,
 * the cursor is hidden while the block lives, and every frame is one write, so that nothing flickers.
 */
export function live(io: Io): Live {
  let shown: string[] = [];
  let ended = false;
  const show = () => io.err(showCursor);
  process.once("exit", show);
  io.err(hideCursor);
  return {
    draw(lines) {
      const next = lines.map((line) => fit(io, line));
      if (ended || (next.length === shown.length && next.every((line, index) => line === shown[index]))) return;
      io.err(erase(shown.length) + next.map((line) => `${line}\n`).join(""));
      shown = next;
    },
    print(lines) {
      io.err([erase(shown.length), ...lines.map((line) => `${line}\n`), ...shown.map((line) => `${line}\n`)].join(""));
    },
    done() {
      if (ended) return;
      ended = true;
      process.off("exit", show);
      show();
    },
  };
}

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** Goes up over the block and clears from there to the end of the screen. */
function erase(lines: number): string {
  return lines === 0 ? "" : `\u001b[${lines}A\r\u001b[0J`;
}
