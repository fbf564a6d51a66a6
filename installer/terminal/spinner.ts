import type { Io } from "../commands/command.ts";
import { live } from "./live.ts";
import { paint } from "./paint.ts";
import { symbols } from "./symbols.ts";

/**
 * Shows that something is being done while it is; the line goes when it is done. Says nothing where lines stay.
 * @param what in words, or a function that says it anew for every frame.
 */
export async function during<Result>(io: Io, what: string | (() => string), work: Promise<Result>): Promise<Result> {
  if (!io.terminal || io.json) return work;
  const block = live(io);
  const { spinner, ellipsis } = symbols(io);
  let frame = 0;
  const words = () => (typeof what === "string" ? what : what());
  const draw = () =>
    block.draw([`${paint(io, "cyan", spinner[frame++ % spinner.length] ?? "")} ${words()}${ellipsis}`]);
  const timer = setInterval(draw, 100);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    block.draw([]);
    block.done();
  }
}
