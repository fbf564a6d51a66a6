import { open, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { rotated } from "../supervisor/log-rotation.ts";

const interval = 200;
const most = 1 << 20;

/**
 * Whole lines that are appended to a log from an offset on, across rotations (the log is copied to `<log>.1` and emptied
 * in place), until the signal. Works without a supervisor, so a crash of it can be watched too.
 */
export async function* appendedLines(log: string, from: number, signal: AbortSignal): AsyncGenerator<string> {
  let offset = from;
  let rest: Buffer = Buffer.alloc(0);
  while (!signal.aborted) {
    let added: Buffer;
    if ((await sizeOf(log)) < offset) {
      added = await readAt(rotated(log, 1), offset);
      offset = 0;
    } else {
      added = await readAt(log, offset);
      offset += added.length;
    }
    const data = Buffer.concat([rest, added]);
    const end = data.lastIndexOf(10) + 1;
    rest = data.subarray(end);
    if (end > 0)
      yield* data
        .subarray(0, end - 1)
        .toString("utf8")
        .split("\n");
    if (added.length === 0) await pause(interval, undefined, { signal }).catch(() => {});
  }
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Up to 1 MiB; empty at the end of the file and when there is none. */
async function readAt(path: string, offset: number): Promise<Buffer> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return Buffer.alloc(0);
  await using _closing = file;
  const data = Buffer.alloc(Math.min(most, Math.max(0, (await file.stat()).size - offset)));
  const { bytesRead } = await file.read(data, 0, data.length, offset);
  return data.subarray(0, bytesRead);
}
