import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../components/provider/host.ts";
import { homePaths, stackPaths } from "../../components/provider/paths.ts";
import { currentPlatform } from "../../components/provider/platform.ts";
import type { Context } from "../../components/provider/provider.ts";
import { createArtifacts } from "../../installer/artifacts/index.ts";
import { envFileStore } from "../../installer/secrets/env-file.ts";
import { createProcesses } from "../../installer/supervisor/client.ts";

export interface TestHost extends Host {
  context(name: string): Context;
  dispose(): Promise<void>;
}

/** A real host whose stack is in a temporary folder; programs come from this user's artifact cache. */
export async function testHost(): Promise<TestHost> {
  const home = await mkdtemp(join(tmpdir(), "devflow-"));
  const paths = stackPaths(home, "test");
  const artifacts = createArtifacts({ cache: homePaths().cache, platform: currentPlatform() });
  const host: Host = {
    platform: currentPlatform(),
    home: { home, cache: homePaths().cache },
    paths,
    root: join(import.meta.dirname, "..", ".."),
    artifacts,
    processes: createProcesses(paths),
    secrets: envFileStore(paths.secrets),
  };
  return {
    ...host,
    context: (name) => ({
      host,
      name,
      urn: `urn:pulumi:test::devflow::devflow:index:Test::${name}`,
      signal: new AbortController().signal,
      report: () => {},
    }),
    async dispose() {
      await artifacts.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
