import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Name and password that `docker login` kept for a registry in its own file; undefined when there are none. */
export async function credentialsFor(registry: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = join(env.DOCKER_CONFIG || join(env.HOME ?? homedir(), ".docker"), "config.json");
  try {
    const { auths = {} } = JSON.parse(await readFile(file, "utf8")) as { auths?: Record<string, { auth?: string }> };
    const names =
      registry === "docker.io" ? ["https://index.docker.io/v1/", "docker.io"] : [registry, `https://${registry}`];
    return names.map((name) => auths[name]?.auth).find((auth) => auth);
  } catch {
    // Without the file, or with a keychain that only `docker` can ask, one goes without: public images need none.
    return undefined;
  }
}
