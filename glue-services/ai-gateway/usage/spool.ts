import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Rows on their way to the database, in files: what is added is on disk within `every` milliseconds, and no more than
 * that is ever in memory, however long the database is away. Rows are written again after a crash; their ids make the
 * second time nothing.
 */
export interface Spool {
  /** Adds a row, a line of JSON. */
  add(line: string): void;
  /** Whether there is room: at the bound the gateway refuses calls rather than lose their metering. */
  readonly full: boolean;
  /** Bytes on disk and in memory. */
  readonly bytes: number;
  /** Everything added so far is in the database when this resolves; rejects when the database does not take it. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface SpoolOptions {
  folder: string;
  /** Bytes at most. */
  bound: number;
  /** Writes rows, a JSON array; may be given the same ones twice. */
  write(rows: string): Promise<unknown>;
  /** What went wrong, each time. */
  failed(error: unknown): void;
  /** Milliseconds between writes. @default 200 */
  every?: number;
}

/** Spools of this process that are open. */
const living = new Set<string>();

/** Bytes of one file, and so of one statement. */
const segment = 1024 * 1024;

/** @throws when the folder cannot be written */
export async function openSpool({ folder, bound, write, failed, every = 200 }: SpoolOptions): Promise<Spool> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = `${process.pid}-${randomUUID().slice(0, 8)}`;
  living.add(own);
  const finished = await adopt(folder);
  let bytes = finished.reduce((sum, one) => sum + one.size, 0);
  let waiting: string[] = [];
  let file: { handle: FileHandle; path: string; size: number } | undefined;
  let count = 0;
  let chain: Promise<void> = Promise.resolve();
  let closed = false;
  const timer = setInterval(() => void turn().catch(() => {}), every);
  timer.unref();

  return {
    add(line) {
      waiting.push(line);
      bytes += line.length + 1;
      // A burst goes to disk before the timer says so.
      if (waiting.length === 2000) void inOrder(store).catch(failed);
    },
    get full() {
      return bytes >= bound;
    },
    get bytes() {
      return bytes;
    },
    drain: turn,
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      await turn().catch(() => {});
      living.delete(own);
    },
  };

  async function turn(): Promise<void> {
    await inOrder(store).catch(failed);
    await inOrder(send);
  }

  function inOrder(work: () => Promise<void>): Promise<void> {
    const next = chain.then(work, work);
    chain = next.catch(() => {});
    return next;
  }

  /** From memory to disk. */
  async function store(): Promise<void> {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    const text = Buffer.from(`${lines.join("\n")}\n`);
    try {
      file ??= await begin();
      await file.handle.appendFile(text);
      file.size += text.length;
      bytes += text.length - lines.reduce((sum, line) => sum + line.length + 1, 0);
      if (file.size >= segment) await finish();
    } catch (error) {
      // The disk is full, say: nothing is forgotten as long as there is room in memory, and then calls are refused.
      waiting = [...lines, ...waiting];
      throw error;
    }
  }

  async function begin() {
    const path = join(folder, `${own}-${String(count++).padStart(8, "0")}.open`);
    return { handle: await open(path, "a", 0o600), path, size: 0 };
  }

  async function finish(): Promise<void> {
    if (!file) return;
    const { handle, path, size } = file;
    file = undefined;
    await handle.close();
    const done = path.replace(/\.open$/, ".rows");
    await rename(path, done);
    finished.push({ path: done, size });
  }

  /** From disk to the database. */
  async function send(): Promise<void> {
    await finish();
    for (let [one] = finished; one; [one] = finished) {
      const text = await readFile(one.path, "utf8");
      // The last line may be half of one, when the machine went down while it was written.
      const lines = text.split("\n").filter((line) => line.endsWith("}"));
      try {
        if (lines.length > 0) await write(`[${lines.join(",")}]`);
      } catch (error) {
        failed(error);
        throw error;
      }
      await rm(one.path, { force: true });
      finished.shift();
      bytes -= one.size;
    }
  }
}

/** Files that processes which are gone left behind. */
async function adopt(folder: string): Promise<{ path: string; size: number }[]> {
  const found: { path: string; size: number }[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const [pid = "", id] = name.split("-");
    if (!/\.(open|rows)$/.test(name)) continue;
    // A container's processes have the same number each time.
    if (Number(pid) === process.pid ? living.has(`${pid}-${id}`) : alive(Number(pid))) continue;
    const path = join(folder, name);
    const done = path.replace(/\.open$/, ".rows");
    if (done !== path) await rename(path, done).catch(() => {});
    const size = await stat(done).then(
      (file) => file.size,
      () => undefined,
    );
    if (size !== undefined) found.push({ path: done, size });
  }
  return found;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
