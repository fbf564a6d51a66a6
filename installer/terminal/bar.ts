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

/**
 * "41 %", the phase with its amount, the rate of a download, and what is left of the time: as much as is known, and as
 * has room in so many columns.
 */
export function progressText(progress: Progress, room = Number.POSITIVE_INFINITY): string {
  const { phase, done, total, unit, rate, eta } = progress;
  const part = fraction(progress);
  const amount = unit === "bytes" && done !== undefined ? ` ${total ? ofTotal(done, total) : bytes(done)}` : "";
  const text = (amount: string, rate: string | undefined) =>
    [
      part === undefined ? undefined : `${Math.floor(part * 100)} %`,
      `${phase}${amount}`,
      rate,
      eta === undefined ? undefined : `${about(eta)} left`,
    ]
      .filter((word) => word !== undefined)
      .join(", ");
  const speed = unit === "bytes" && rate ? `${bytes(rate)}/s` : undefined;
  const shorter = [text(amount, speed), text(amount, undefined), text("", undefined)];
  return shorter.find((one) => one.length <= room) ?? text("", undefined);
}

/** "50.5 of 108 MiB", with the unit once where both have the same. */
function ofTotal(done: number, total: number): string {
  const [amount = "", unit] = bytes(done).split(" ");
  const whole = bytes(total);
  return whole.endsWith(` ${unit}`) ? `${amount} of ${whole}` : `${amount} ${unit} of ${whole}`;
}
