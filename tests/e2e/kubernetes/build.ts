import { fileURLToPath } from "node:url";
import { DevflowError } from "../../../components/error.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";
import { programs } from "./programs.ts";

/**
 * `npm run e2e:kubernetes:build`: builds a Kubernetes control plane from its Go modules into the cache, once. The
 * compilers take all cores that the process may use, so on a busy machine give it one: `nice -n 19 taskset -c 0 …`.
 */
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
const artifacts = createArtifacts({
  cache: homePaths().cache,
  platform: currentPlatform(),
  catalogue: fileURLToPath(new URL("upstreams", import.meta.url)),
  signal: interrupt.signal,
});
try {
  for (const program of programs) {
    const started = Date.now();
    let phase = "";
    const report = (progress: { phase: string; note?: string }) => {
      if (progress.phase !== phase) console.log(`${program.name}: ${progress.phase}`);
      phase = progress.phase;
    };
    const { path } = await artifacts.obtain(program, { signal: interrupt.signal, report });
    console.log(`${program.name} ${program.version}: ${path} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  }
} catch (error) {
  if (!(error instanceof DevflowError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  process.exitCode = 1;
} finally {
  await artifacts.close();
}
