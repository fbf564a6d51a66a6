import { fileURLToPath } from "node:url";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";

/** Folder of the collector, built from its modules into the cache of programs the first time. */
export async function collectorProgram(): Promise<string> {
  const cache = createArtifacts({
    cache: homePaths().cache,
    platform: currentPlatform(),
    catalogue: fileURLToPath(new URL("upstreams", import.meta.url)),
  });
  try {
    const ref = { name: "otel-collector", version: "0.159.0" };
    const { path } = await cache.obtain(ref, { signal: new AbortController().signal, report: () => {} });
    return path;
  } finally {
    await cache.close();
  }
}
