import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { rotated } from "./log-rotation.ts";

const chunkSize = 64 << 10;
const mostBytes = 4 << 20;
const newline = 0x0a;
/** A line longer than this many characters is cut when it is quoted in an error. */
const quotedLine = 500;

/**
 * Last lines of a log, oldest first, reaching into the youngest rotated file when the log alone has too few.
 *
 * @param older how many rotated files to look into. @default 1
 */
export function lastLines(log: string, count: number, older = 1): string[] {
  const lines = readFrom(log, startOfLast(log, count)).toString().split("\n");
  if (lines.at(-1) === "") lines.pop();
  const missing = count - lines.length;
  return missing > 0 && older > 0 ? [...lastLines(rotated(log, 1), missing, 0), ...lines] : lines;
}

/** For errors and `status`: no endless lines, no control characters that would act on a terminal. */
export function quotableLines(log: string, count: number): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and cursor movements are what is to be removed.
  const control = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;
  return lastLines(log, count).map((line) => line.replace(control, "").slice(0, quotedLine));
}

/** Told when a log was rotated: whoever follows it must fetch the rest from the rotated file. */
export interface Rotations {
  on(event: "rotated", listener: (log: string) => void): unknown;
  off(event: "rotated", listener: (log: string) => void): unknown;
}

/**
 * Last lines of a log and then all that is appended, across rotations, until the signal; it need not exist yet. Looks
 * several times a second rather than watching, since watches are a scarce resource of the machine.
 */
export async function* followLog(
  log: string,
  options: { lines: number; signal: AbortSignal; rotations: Rotations },
): AsyncGenerator<Buffer> {
  let offset = startOfLast(log, options.lines);
  const missed: Buffer[] = [];
  const onRotation = (which: string): void => {
    if (which !== log) return;
    for (let chunk = readAt(rotated(log, 1), offset); chunk.length > 0; chunk = readAt(rotated(log, 1), offset)) {
      missed.push(chunk);
      offset += chunk.length;
    }
    offset = 0;
  };
  options.rotations.on("rotated", onRotation);
  try {
    const [here, older] = [lastLines(log, options.lines, 0), lastLines(log, options.lines)];
    if (older.length > here.length) yield Buffer.from(`${older.slice(0, older.length - here.length).join("\n")}\n`);
    while (!options.signal.aborted) {
      let chunk = missed.shift();
      if (!chunk) {
        chunk = readAt(log, offset);
        offset += chunk.length;
        // Somebody emptied the file by hand.
        if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) < offset) offset = 0;
      }
      if (chunk.length === 0) await sleep(200, undefined, { signal: options.signal }).catch(() => undefined);
      else yield chunk;
    }
  } finally {
    options.rotations.off("rotated", onRotation);
  }
}

/** Byte offset at which the last lines begin; at most 4 MiB before the end. */
function startOfLast(log: string, count: number): number {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  let missing = count;
  let start = size;
  while (start > 0 && size - start < mostBytes && missing > 0) {
    const from = Math.max(0, start - chunkSize);
    const chunk = readAt(log, from).subarray(0, start - from);
    // A newline at the very end closes the last line rather than opening another.
    for (let at = chunk.length - (start === size ? 2 : 1); at >= 0; at -= 1) {
      if (chunk[at] !== newline) continue;
      missing -= 1;
      if (missing === 0) return from + at + 1;
    }
    start = from;
  }
  return start;
}

function readFrom(log: string, offset: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = offset, size = 0; size < mostBytes; ) {
    const chunk = readAt(log, at);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    at += chunk.length;
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** Up to 64 KiB; empty at the end of the file and when there is none. */
function readAt(log: string, offset: number): Buffer {
  let handle: number;
  try {
    handle = openSync(log, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const length = Math.min(chunkSize, Math.max(0, fstatSync(handle).size - offset));
    const chunk = Buffer.alloc(length);
    return chunk.subarray(0, length === 0 ? 0 : readSync(handle, chunk, 0, length, offset));
  } finally {
    closeSync(handle);
  }
}
