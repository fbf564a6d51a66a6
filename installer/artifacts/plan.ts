import { stat } from "node:fs/promises";
import { type Source, sourcesOf, type Upstream } from "../../components/catalogue/index.ts";
import type { ArtifactRef } from "../../components/provider/host.ts";
import { findGo } from "./go/toolchain.ts";
import { artifactId, artifactPath, blobPath, sumOf } from "./layout.ts";
import { findOffline } from "./offline.ts";
import { nameOf, type Run } from "./run.ts";
import { checked } from "./sources/checked.ts";
import { officialUrl } from "./sources/official.ts";
import { readComplete } from "./tree.ts";

export interface PlannedArtifact {
  ref: ArtifactRef;
  present: boolean;
  /** Where it will most likely come from. */
  source?: string;
  /** Bytes, where known; 0 when it is in the cache of downloads or the offline folder. */
  downloadBytes?: number;
  /** When it has to be built: how long that takes. */
  build?: { about: string; minutes: number };
  /** MiB it takes when it is there. */
  disk: number;
}

export async function planArtifact(
  ref: ArtifactRef,
  upstream: Upstream,
  run: Run,
  signal: AbortSignal,
): Promise<PlannedArtifact> {
  const disk = upstream.disk.program;
  const id = artifactId(upstream, run);
  if (await readComplete(artifactPath(run.cache, id))) return { ref, present: true, downloadBytes: 0, disk };
  if (await findOffline(run, `${id}.tar.gz`)) return { ref, present: false, source: "offline", downloadBytes: 0, disk };
  const sources = sourcesOf(upstream, run.platform);
  for (const source of sources) {
    const bytes = isChecked(source, sources, run) ? await reachableBytes(source, run, signal) : "no";
    if (bytes === "no") continue;
    const planned: PlannedArtifact = { ref, present: false, source: nameOf(source), disk };
    if (bytes !== "unknown") planned.downloadBytes = bytes;
    if (source.kind === "go")
      planned.build = { about: `about ${Math.ceil(source.minutes)} min`, minutes: source.minutes };
    return planned;
  }
  return { ref, present: false, disk };
}

function isChecked(source: Source, all: readonly Source[], run: Run): boolean {
  try {
    checked(source, all, run);
    return true;
  } catch {
    return false;
  }
}

/** Bytes to download from a source, or that it will not do. Only release servers are asked: a registry is taken for granted. */
async function reachableBytes(source: Source, run: Run, signal: AbortSignal): Promise<number | "unknown" | "no"> {
  if (source.kind === "official") {
    if (!run.settings.official) return "no";
    if (!("document" in source.digest) && (await isNear(source, run))) return 0;
    const url = officialUrl(source.url, run.settings.mirrors.official);
    const answer = await run.web.get(url, { signal, method: "HEAD" }).catch(() => undefined);
    await answer?.body.dump();
    return answer ? Number(answer.header("content-length")) || source.size || "unknown" : "no";
  }
  if (source.kind !== "go") return (await isNear(source, run)) ? 0 : source.size;
  const toolchain = sourcesOf(run.upstream("go"), run.platform).find((candidate) => candidate.kind !== "official");
  const installed = await findGo(run, source.wrapper);
  return source.size + (installed ? 0 : (toolchain?.size ?? 0));
}

async function isNear(source: Exclude<Source, { kind: "go" }>, run: Run): Promise<boolean> {
  if ("document" in source.digest) return false;
  const sum = sumOf(source.digest);
  const blob = await stat(blobPath(run.cache, sum)).catch(() => undefined);
  return blob !== undefined || (await findOffline(run, "file" in source ? source.file : sum.hex, sum)) !== undefined;
}
