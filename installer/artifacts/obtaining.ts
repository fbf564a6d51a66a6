import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { sourcesOf, type Upstream } from "../../components/catalogue/index.ts";
import { DevflowError } from "../../components/error.ts";
import type { Reporting } from "../../components/provider/host.ts";
import { explainFileError, requireSpace } from "./disk.ts";
import { type Blob, type FileSource, fetchNearby, fetchRemote } from "./fetch.ts";
import { buildGo } from "./go/build.ts";
import { artifactId, artifactPath, draftPath, lockPath } from "./layout.ts";
import { withLock } from "./lock.ts";
import { restorePrebuilt } from "./prebuilt.ts";
import { nameOf, type Run } from "./run.ts";
import { Skipped } from "./skipped.ts";
import { checked } from "./sources/checked.ts";
import { openFolder, publish, readComplete } from "./tree.ts";
import { unavailable } from "./unavailable.ts";
import { unpack } from "./unpack.ts";

/** A source that did not give the artifact, and why. */
export interface Attempt {
  source: string;
  error: Skipped;
}

/**
 * Brings an artifact into the cache: what is near (cache of downloads, offline folder) first, then each source in the
 * catalogue's order. Everything is made in a draft folder and renamed, so a kill at any point leaves nothing half.
 */
export async function obtain(
  upstream: Upstream,
  run: Run,
  reporting: Reporting,
): Promise<{ path: string; source: string }> {
  const id = artifactId(upstream, run);
  const path = artifactPath(run.cache, id);
  const present = await readComplete(path);
  if (present) return { path, source: present.source };
  const { signal } = reporting;
  const waiting = (pid: number) =>
    reporting.report({ phase: "waiting", note: `waiting for pid ${pid}, which prepares ${upstream.title}` });
  try {
    await openFolder(run.cache);
    return await withLock(lockPath(run.cache, id), { signal, waiting }, async () => {
      const made = await readComplete(path);
      if (made) return { path, source: made.source };
      return { path, source: await make(upstream, id, run, reporting) };
    });
  } catch (error) {
    if (signal.aborted) throw interrupted(upstream, error);
    throw await explainFileError(error, run.cache, upstream.disk.program * 2 ** 20, upstream.title);
  }
}

async function make(upstream: Upstream, id: string, run: Run, reporting: Reporting): Promise<string> {
  const draft = draftPath(run.cache, id);
  const target = artifactPath(run.cache, id);
  const attempts: Attempt[] = [];
  /** Fills a fresh draft and publishes it; true when that worked. */
  async function attempt(source: string, fill: () => Promise<string | undefined>): Promise<boolean> {
    try {
      await rm(draft, { recursive: true, force: true });
      await openFolder(dirname(draft));
      await openFolder(draft);
      const evidence = await fill();
      if (evidence === undefined) return false;
      const { name, version } = upstream;
      await publish(draft, target, { name, version, platform: run.platform, source, evidence });
      return true;
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(error instanceof Skipped) || reporting.signal.aborted) throw error;
      attempts.push({ source, error });
      reporting.report({ phase: "downloading", note: `${source} was skipped: ${error.message}` });
      return false;
    }
  }
  async function unpackBlob(blob: Blob, source: FileSource): Promise<string> {
    await requireSpace(run.cache, upstream.disk.program * 2 ** 20, upstream.title);
    await unpack(blob.path, blob.file, source.unpack, draft, reporting);
    return `${blob.sum.algorithm}:${blob.sum.hex}`;
  }

  if (
    run.settings.offline &&
    (await attempt(`${run.settings.offline}/${id}.tar.gz`, () => restorePrebuilt(id, draft, run, reporting)))
  ) {
    return run.settings.offline;
  }
  const sources = sourcesOf(upstream, run.platform).filter(
    (source) => source.kind !== "official" || run.settings.official,
  );
  for (const source of sources) {
    if (source.kind === "go") continue;
    const nearby = async () => {
      const blob = await fetchNearby(source, run, reporting);
      return blob && unpackBlob(blob, source);
    };
    if (await attempt(nameOf(source), nearby)) return nameOf(source);
  }
  for (const source of sources) {
    const fill =
      source.kind === "go"
        ? () => buildGo(source, upstream, id, draft, run, reporting)
        : async () => unpackBlob(await fetchRemote(checked(source, sources, run), run, reporting), source);
    if (await attempt(nameOf(source), fill)) return nameOf(source);
  }
  throw unavailable(upstream, run, attempts);
}

function interrupted(upstream: Upstream, cause: unknown): DevflowError {
  if (cause instanceof DevflowError) return cause;
  return new DevflowError("INTERRUPTED", `Obtaining ${upstream.title} was interrupted.`, {
    hint: "Run it again; downloads and builds go on where they were.",
    cause,
  });
}
