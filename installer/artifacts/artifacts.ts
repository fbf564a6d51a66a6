import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { catalogueFolder, readUpstream, type Upstream, upstream } from "../../components/catalogue/index.ts";
import { DevflowError } from "../../components/error.ts";
import type { ArtifactRef, Artifacts, Reporting } from "../../components/provider/host.ts";
import type { Platform } from "../../components/provider/platform.ts";
import { artifactId, artifactPath } from "./layout.ts";
import { obtain } from "./obtaining.ts";
import { type PlannedArtifact, planArtifact } from "./plan.ts";
import type { Run } from "./run.ts";
import { type ArtifactSettings, resolveSettings } from "./settings.ts";
import { damage, type Manifest, readComplete, readManifest } from "./tree.ts";
import { createWeb } from "./web.ts";

export interface ArtifactOptions {
  /** Folder of downloads and unpacked programs; see components/provider/paths.ts. */
  cache: string;
  platform: Platform;
  settings?: ArtifactSettings;
  /** Ends everything that is under way. */
  signal?: AbortSignal;
  /** Folder of another catalogue. @default configs/upstreams */
  catalogue?: string;
}

/** The programs of the catalogue on this machine: where they are, what is missing, and how to get it. */
export interface ArtifactCache extends Artifacts {
  /** What is missing and what getting it takes. Asks release servers whether they answer, for 3 s at most each. */
  plan(refs: ArtifactRef[], signal?: AbortSignal): Promise<PlannedArtifact[]>;
  /** Every complete artifact in the cache, of any version. */
  list(): Promise<(Manifest & { id: string; path: string })[]>;
  /** Files of an artifact that are missing or not what was unpacked; empty when it is sound. */
  verify(ref: ArtifactRef): Promise<string[]>;
  /** Removes an artifact's folder; fine when it is not there. Its download stays in the cache. */
  remove(ref: ArtifactRef): Promise<void>;
  /** Closes connections that are kept open. */
  close(): Promise<void>;
}

export function createArtifacts(options: ArtifactOptions): ArtifactCache {
  const settings = resolveSettings(options.settings ?? {});
  const { cache, platform } = options;
  const run: Run = { cache, platform, settings, web: createWeb(settings.patience), ...catalogue(options.catalogue) };
  const locate = (ref: ArtifactRef) => artifactPath(cache, artifactId(resolve(run, ref), run));
  return {
    locate,
    has: async (ref) => (await readComplete(locate(ref))) !== undefined,
    obtain: (ref, reporting) => obtain(resolve(run, ref), run, withSignal(reporting, options.signal)),
    plan: (refs, signal) =>
      Promise.all(refs.map((ref) => planArtifact(ref, resolve(run, ref), run, signal ?? AbortSignal.timeout(60_000)))),
    list: () => list(cache),
    async verify(ref) {
      const manifest = await readManifest(locate(ref));
      return manifest ? damage(locate(ref), manifest) : ["(not in the cache)"];
    },
    remove: (ref) => rm(locate(ref), { recursive: true, force: true }),
    close: () => run.web.close(),
  };
}

function catalogue(folder: string | undefined): Pick<Run, "catalogue" | "upstream"> {
  if (folder === undefined) return { catalogue: catalogueFolder, upstream };
  return { catalogue: folder, upstream: (name) => readUpstream(join(folder, `${name}.yaml`)) };
}

/** @throws DevflowError NOT_FOUND when the catalogue has another version. */
function resolve(run: Run, ref: ArtifactRef): Upstream {
  const found = run.upstream(ref.name);
  if (found.version === ref.version) return found;
  throw new DevflowError("NOT_FOUND", `The catalogue has ${ref.name} ${found.version}, not ${ref.version}.`, {
    hint: `Use the version in configs/upstreams/${ref.name}.yaml.`,
  });
}

function withSignal(reporting: Reporting, signal: AbortSignal | undefined): Reporting {
  return signal ? { ...reporting, signal: AbortSignal.any([reporting.signal, signal]) } : reporting;
}

async function list(cache: string): Promise<(Manifest & { id: string; path: string })[]> {
  const ids = await readdir(join(cache, "artifacts")).catch(() => []);
  const found = ids
    .filter((id) => !id.startsWith("."))
    .map(async (id) => {
      const path = artifactPath(cache, id);
      const manifest = await readComplete(path);
      return manifest ? [{ ...manifest, id, path }] : [];
    });
  return (await Promise.all(found)).flat();
}
