import { basename } from "node:path";
import { pack, unpack } from "./archive.ts";
import { type DockerEngine, EngineRefusal } from "./engine.ts";

/** Text of a file in a container, running or not; undefined when there is none. */
export async function readFileIn(engine: DockerEngine, container: string, path: string): Promise<string | undefined> {
  try {
    const at = encodeURIComponent(path);
    const files = await unpack(await engine.bytes("GET", `/containers/${container}/archive?path=${at}`));
    return files.get(basename(path)) || undefined;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Writes a file below a folder of a volume, as the user that the container runs as. The engine puts it in place in one
 * step.
 *
 * @param folder where a volume is mounted: the rest of a container may be read-only
 * @param path relative to it
 */
export async function writeFileIn(
  engine: DockerEngine,
  container: string,
  folder: string,
  path: string,
  content: string,
): Promise<void> {
  const { Config: config } = await engine.call<{ Config: { User: string } }>("GET", `/containers/${container}/json`);
  const [user = 0, group = user] = config.User.split(":").map(Number);
  const folders = path.split("/").slice(0, -1);
  const archive = await pack([
    ...folders.map((_, index) => ({ path: folders.slice(0, index + 1).join("/"), mode: 0o700, user, group })),
    { path, content, mode: 0o600, user, group },
  ]);
  const at = encodeURIComponent(folder);
  (await engine.bytes("PUT", `/containers/${container}/archive?path=${at}`, archive)).resume();
}
