import { upstream } from "../components/catalogue/index.ts";
import { homePaths } from "../components/provider/paths.ts";
import { currentPlatform } from "../components/provider/platform.ts";
import { createArtifacts } from "../installer/artifacts/index.ts";

/** Folder of a program of the catalogue, brought to this machine first where it is not there yet: a bare clone is enough. */
export async function program(name: string): Promise<string> {
  const artifacts = createArtifacts({ cache: homePaths().cache, platform: currentPlatform() });
  try {
    const ref = { name, version: upstream(name).version };
    const { path } = await artifacts.obtain(ref, { signal: new AbortController().signal, report: () => {} });
    return path;
  } finally {
    await artifacts.close();
  }
}
