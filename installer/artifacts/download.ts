import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reporting } from "../../components/provider/host.ts";
import { requireSpace } from "./disk.ts";
import type { Sum } from "./layout.ts";
import { meter } from "./progress.ts";
import type { Patience } from "./settings.ts";
import { Mismatch, Skipped } from "./skipped.ts";
import { hashFile } from "./tree.ts";
import { type Answer, explain, Refused, type Web } from "./web.ts";

export interface Download {
  url: string;
  /** How people know this source. */
  label: string;
  sum: Sum;
  /** Bytes, where known. */
  size: number | undefined;
  /** Where it goes when its hash is right; `<target>.partial` until then. */
  target: string;
  headers?: Record<string, string>;
}

/**
 * Downloads a file whose hash is known, resuming what an earlier run left. Broken transfers are resumed with growing
 * pauses as long as each attempt brings bytes; five in a row without any are the end.
 * @throws Skipped (Mismatch for wrong bytes), DevflowError DISK_FULL
 */
export async function download(job: Download, web: Web, patience: Patience, reporting: Reporting): Promise<void> {
  const partial = `${job.target}.partial`;
  await mkdir(dirname(job.target), { recursive: true });
  const resumed = (await sizeOf(partial)) > 0;
  await transfer(job, partial, web, patience, reporting);
  let found = await checksum(partial, job.sum, reporting);
  if (found !== job.sum.hex && resumed) {
    // What an earlier run left may be of another file; only a download from the first byte proves the source wrong.
    await discard(partial);
    await transfer(job, partial, web, patience, reporting);
    found = await checksum(partial, job.sum, reporting);
  }
  if (found !== job.sum.hex) {
    await discard(partial);
    throw new Mismatch(job.label, `${job.sum.algorithm} ${job.sum.hex}`, found);
  }
  await rename(partial, job.target);
  await rm(`${partial}.json`, { force: true });
}

async function transfer(
  job: Download,
  partial: string,
  web: Web,
  patience: Patience,
  reporting: Reporting,
): Promise<void> {
  let failures = 0;
  for (;;) {
    const before = await sizeOf(partial);
    try {
      return await attempt(job, partial, web, reporting);
    } catch (error) {
      reporting.signal.throwIfAborted();
      if (!(error instanceof Skipped) || !error.temporary) throw error;
      failures = (await sizeOf(partial)) > before ? 1 : failures + 1;
      // A server that is merely busy gets two more tries; a transfer that had begun gets more.
      if (failures > (error instanceof Refused ? 2 : 5)) throw error;
      const pause = patience.retry * 2 ** Math.min(failures - 1, 3);
      reporting.report({
        phase: "downloading",
        note: `${error.message}; trying again in ${(pause / 1000).toFixed(1)} s`,
      });
      await sleep(pause, undefined, { signal: reporting.signal });
    }
  }
}

/** One request; returns when the body has come to its announced end. */
async function attempt(job: Download, partial: string, web: Web, reporting: Reporting): Promise<void> {
  const have = await sizeOf(partial);
  const { signal } = reporting;
  const answer = await web
    .get(job.url, { signal, headers: { ...job.headers, ...(await rangeHeaders(partial, job.url, have)) } })
    .catch(async (error) => {
      // The server has no such range: the partial file is complete, or of something else. Its hash will tell which.
      if (error instanceof Refused && error.status === 416 && have > 0) return undefined;
      throw error;
    });
  if (!answer) return;
  const from = answer.status === 206 ? rangeStart(answer) : 0;
  if (from !== 0 && from !== have) {
    await answer.body.dump();
    throw new Skipped(`${job.label} sent another range than asked for`);
  }
  const total = totalOf(answer, from) ?? job.size;
  await requireSpace(dirname(partial), (total ?? 0) - from, job.label);
  await writeFile(`${partial}.json`, JSON.stringify({ url: job.url, validator: validatorOf(answer) }));
  const progress = meter(reporting, "downloading", { total, done: from });
  const limit = total ?? Number.POSITIVE_INFINITY;
  let got = from;
  try {
    await pipeline(
      answer.body,
      async function* count(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          got += chunk.length;
          progress.add(chunk.length);
          yield chunk;
        }
      },
      createWriteStream(partial, { flags: from > 0 ? "a" : "w", mode: 0o644 }),
      { signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    if (isFileError(cause)) throw cause;
    throw new Skipped(`${job.label} broke off at ${got} bytes: ${explain(cause)}`, { temporary: true, cause });
  }
  if (got < limit && total !== undefined)
    throw new Skipped(`${job.label} ended after ${got} of ${total} bytes`, { temporary: true });
  progress.end();
}

/** Asks for the rest only of the very file that was begun, when the server told how to recognise it. */
async function rangeHeaders(partial: string, url: string, have: number): Promise<Record<string, string>> {
  if (have === 0) return {};
  const range = { range: `bytes=${have}-` };
  const known = await readFile(`${partial}.json`, "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  return known?.url === url && typeof known.validator === "string" ? { ...range, "if-range": known.validator } : range;
}

/** A strong ETag, else the date of change, as If-Range wants it. */
function validatorOf(answer: Answer): string | undefined {
  const etag = answer.header("etag");
  return etag && !etag.startsWith("W/") ? etag : answer.header("last-modified");
}

function rangeStart(answer: Answer): number {
  return Number(/^bytes (\d+)-/.exec(answer.header("content-range") ?? "")?.[1] ?? 0);
}

function totalOf(answer: Answer, from: number): number | undefined {
  const length = Number(answer.header("content-length"));
  return Number.isInteger(length) && length > 0 ? from + length : undefined;
}

async function checksum(file: string, sum: Sum, reporting: Reporting): Promise<string> {
  const progress = meter(reporting, "verifying", { total: await sizeOf(file) });
  const found = await hashFile(file, sum.algorithm, (bytes) => progress.add(bytes));
  progress.end();
  return found;
}

async function discard(partial: string): Promise<void> {
  await rm(partial, { force: true });
  await rm(`${partial}.json`, { force: true });
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

function isFileError(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG", "EIO", "EACCES", "EROFS", "EMFILE"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );
}
