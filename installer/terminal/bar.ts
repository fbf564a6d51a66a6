import type { Progress } from "../../components/provider/host.ts";
import type { Io } from "../commands/command.ts";
import { about, bytes } from "./human.ts";
import { symbols } from "./symbols.ts";

/** Full and empty cells for a fraction of 0 to 1. */
export function bar(io: Pick<Io, "env">, fraction: number, width = 20): string {
  const { full, empty } = symbols(io);
  const cells = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return full.repeat(cells) + empty.repeat(width - cells);
}

/** Fraction of 0 to 1 that is done, when the total is known. */
export function fraction(progress: Progress): number | undefined {
  if (progress.done === undefined || !progress.total) return undefined;
  return Math.min(1, progress.done / progress.total);
}

/** "41 %", the amount and rate of a download, and what is left of the time: as much as is known. */
export function progressText(progress: Progress): string {
  const part = fraction(progress);
  const amount = progress.unit === "bytes" && progress.done !== undefined ? bytes(progress.done) : undefined;
  const total = progress.unit === "bytes" && progress.total ? ` of ${bytes(progress.total)}` : "";
  const words = [
    part === undefined ? undefined : `${Math.floor(part * 100)} %`,
    progress.phase,
    amount === undefined ? undefined : `${amount}${total}`,
    progress.unit === "bytes" && progress.rate ? `${bytes(progress.rate)}/s` : undefined,
    progress.eta === undefined ? undefined : `${about(progress.eta)} left`,
  ];
  return words.filter((word) => word !== undefined).join(", ");
}
