import { fileURLToPath } from "node:url";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { type ArtifactCache, createArtifacts } from "../../../installer/artifacts/index.ts";

/** What the control plane is made of, smallest first; `upstreams` has their sources. */
export const programs = [
  { name: "etcd", version: "3.6.5" },
  { name: "kwok", version: "0.8.0" },
  { name: "kubernetes", version: "1.37.0" },
] as const;
export type ProgramName = (typeof programs)[number]["name"];

/** The cache that they are built into, which is that of the platform's own programs. */
export function programCache(signal?: AbortSignal): ArtifactCache {
  return createArtifacts({
    cache: homePaths().cache,
    platform: currentPlatform(),
    catalogue: fileURLToPath(new URL("upstreams", import.meta.url)),
    ...(signal && { signal }),
  });
}

/** Folder of each program, or the names of those that are not built. */
export async function builtPrograms(): Promise<Record<ProgramName, string> | { missing: string[] }> {
  const cache = programCache();
  try {
    const missing: string[] = [];
    for (const program of programs) if (!(await cache.has(program))) missing.push(program.name);
    if (missing.length > 0) return { missing };
    return Object.fromEntries(programs.map((program) => [program.name, cache.locate(program)])) as Record<
      ProgramName,
      string
    >;
  } finally {
    await cache.close();
  }
}
