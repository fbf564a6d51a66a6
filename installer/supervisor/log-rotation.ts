import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";

/** `size` in bytes at which a log file is rotated, and how many old ones are kept. */
export interface Rotation {
  size: number;
  keep: number;
}

export const defaultRotation: Rotation = { size: 10 << 20, keep: 5 };

/** Name of the n-th youngest rotated file. */
export function rotated(log: string, n: number): string {
  return `${log}.${n}`;
}

/**
 * Copies a log file that is too large to `<log>.1` and empties it in place, since the process that writes it holds it
 * open; it must have been opened for appending. A line written in the microseconds between the last read and the
 * truncation is lost, all others are in exactly one of both. Returns whether it did.
 */
export function rotate(log: string, { size, keep }: Rotation): boolean {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) < size) return false;
  rmSync(rotated(log, keep), { force: true });
  for (let n = keep - 1; n >= 1; n -= 1) {
    if (existsSync(rotated(log, n))) renameSync(rotated(log, n), rotated(log, n + 1));
  }
  const from = openSync(log, "r+");
  try {
    copyAndTruncate(from, rotated(log, 1));
  } finally {
    closeSync(from);
  }
  return true;
}

function copyAndTruncate(from: number, target: string): void {
  const to = openSync(target, "w", 0o600);
  try {
    const chunk = Buffer.allocUnsafe(1 << 20);
    for (let read = readSync(from, chunk); read > 0; read = readSync(from, chunk)) writeSync(to, chunk, 0, read);
  } finally {
    // Also when the disk is full: emptying the log is then the one thing that helps.
    ftruncateSync(from);
    closeSync(to);
  }
}
