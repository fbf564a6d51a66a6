import type { Host } from "../components/provider/host.ts";
import { homePaths, stackPaths } from "../components/provider/paths.ts";
import { currentPlatform } from "../components/provider/platform.ts";
import type { Settings } from "../stacks/config/index.ts";
import { checkout } from "./answers.ts";
import type { ArtifactCache } from "./artifacts/index.ts";

/** What providers need of this machine for a stack of these settings. */
export async function hostOf(settings: Settings, env: NodeJS.ProcessEnv): Promise<Host & { artifacts: ArtifactCache }> {
  const [{ createArtifacts }, { createProcesses }, { envFileStore }] = await Promise.all([
    import("./artifacts/index.ts"),
    import("./supervisor/processes.ts"),
    import("./secrets/env-file.ts"),
  ]);
  const home = homePaths(env);
  const paths = stackPaths(home.home, settings.stack.name);
  const platform = currentPlatform();
  return {
    platform,
    paths,
    home,
    root: checkout,
    artifacts: createArtifacts({ cache: home.cache, platform, settings: settings.artifacts }),
    processes: createProcesses(paths),
    secrets: envFileStore(paths.secrets),
  };
}
