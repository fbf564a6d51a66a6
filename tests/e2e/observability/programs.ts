import { fileURLToPath } from "node:url";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";

const program = { name: "otel-collector", version: "0.159.0" };

/** Folder of the collector, built from its modules into the cache of programs the first time. */
export async function collectorProgram(): Promise<string> {
  const cache = programs();
  try {
    const { path } = await cache.obtain(program, { signal: new AbortController().signal, report: () => {} });
    return path;
  } finally {
    await cache.close();
  }
}

/** The same, undefined where nobody has built it. */
export async function builtCollector(): Promise<string | undefined> {
  const cache = programs();
  try {
    return (await cache.has(program)) ? cache.locate(program) : undefined;
  } finally {
    await cache.close();
  }
}

function programs() {
  return createArtifacts({
    cache: homePaths().cache,
    platform: currentPlatform(),
    catalogue: fileURLToPath(new URL("upstreams", import.meta.url)),
  });
}
