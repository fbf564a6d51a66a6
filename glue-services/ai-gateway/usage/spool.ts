import { randomUUID } from "node:crypto";
import { lstat, mkdir, rm } from "node:fs/promises";
import { type Refused, writeApart } from "../../kit/index.ts";
import { adoptSegments, createSegment, linesOf, type OpenSegment, setAside } from "./segment.ts";

/**
 * Rows on their way to the database, in files: what is added is on disk within `every` milliseconds, and no more than
 * that is ever in memory, however long the database is away. Rows are written again after a crash; their ids make the
 * second time nothing. A row that the database does not take is set aside, so that those behind it are written.
 *
 *     memory --every 200 ms--> open segment --sealed--> segments --written--> database
 *                                                              \--refused--> set-aside.jsonl
 */
export interface Spool {
  /** Adds a row, a line of JSON. */
  add(line: string): void;
  /** Whether there is room: at the bound the gateway refuses calls rather than lose their metering. */
  readonly full: boolean;
  /** Bytes on disk and in memory. */
  readonly bytes: number;
  /** Rows that were set aside since the start. */
  readonly aside: number;
  /** Everything added so far is in the database, or set aside, when this resolves; rejects while the database is away. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface SpoolOptions {
  /** Whether the folder is where every user of the machine may make one. @default false */
  public?: boolean;
  folder: string;
  /** Bytes at most. */
  bound: number;
  /** Writes rows, a JSON array; may be given the same ones twice. */
  write(rows: string): Promise<unknown>;
  /** What went wrong, each time. */
  failed(error: unknown): void;
  /** Rows were set aside, for this SQLSTATE. Their content is never told. */
  onAside?(rows: number, code: string): void;
  /** Milliseconds between writes. @default 200 */
  every?: number;
}

/** Spools of this process that are open. */
const living = new Set<string>();

/** Bytes of one file, and so about of one statement; rows in memory before they go to disk ahead of the timer. */
const bounds = { segment: 1024 * 1024, burst: 2000 };

/** @throws when the folder cannot be written, or is public and somebody else's */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, bound, write, failed, onAside = () => {}, every = 200 } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (options.public) await demandOwn(folder);
  const own = `${process.pid}-${randomUUID().slice(0, 8)}`;
  living.add(own);
  const finished = await adoptSegments(folder, isAlive);
  let bytes = finished.reduce((sum, one) => sum + one.size, 0);
  let aside = 0;
  let waiting: string[] = [];
  let segment: OpenSegment | undefined;
  let count = 0;
  let chain: Promise<void> = Promise.resolve();
  let closed = false;
  const timer = setInterval(() => void turn().catch(() => {}), every);
  timer.unref();

  return {
    add(line) {
      waiting.push(line);
      bytes += Buffer.byteLength(line) + 1;
      if (waiting.length === bounds.burst) void inOrder(store).catch(failed);
    },
    get full() {
      return bytes >= bound;
    },
    get bytes() {
      return bytes;
    },
    get aside() {
      return aside;
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
    try {
      segment ??= await createSegment(folder, `${own}-${String(count++).padStart(8, "0")}`);
      await segment.append(Buffer.from(`${lines.join("\n")}\n`));
      if (segment.size >= bounds.segment) await seal();
    } catch (error) {
      // The disk is full, say: nothing is forgotten as long as there is room in memory, and then calls are refused.
      waiting = [...lines, ...waiting];
      await seal().catch(failed);
      throw error;
    }
  }

  async function seal(): Promise<void> {
    const open = segment;
    segment = undefined;
    if (open) finished.push(await open.seal());
  }

  /** From disk to the database. */
  async function send(): Promise<void> {
    await seal();
    for (let [one] = finished; one; [one] = finished) {
      try {
        const refused = await writeApart(await linesOf(one), (lines) => write(`[${lines.join(",")}]`));
        if (refused.length > 0) await keepAside(refused);
      } catch (error) {
        failed(error);
        throw error;
      }
      await rm(one.path, { force: true });
      finished.shift();
      bytes -= one.size;
    }
  }

  async function keepAside(refused: Refused<string>[]): Promise<void> {
    aside += refused.length;
    const lines = refused.map(({ row }) => row);
    await setAside(folder, lines).catch(failed);
    onAside(refused.length, refused[0]?.code ?? "");
  }
}

/** A container's processes have the same number each time, so that of this process proves nothing. */
function isAlive(pid: number, name: string): boolean {
  if (pid === process.pid) return living.has(name.split("-", 2).join("-"));
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** In a folder that all users share, somebody else may have made it first, and would write rows that are taken for ours. */
async function demandOwn(folder: string): Promise<void> {
  const found = await lstat(folder);
  const own = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  if (own && (found.mode & 0o022) === 0) return;
  throw new Error(
    `${folder} for usage that is not in the database yet is somebody else's, or others may write there. Remove it, or name a folder of the host's own: dataFolder in the file of SERVICES_CONFIG.`,
  );
}
