import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NotThere, type Store } from "./index.ts";

/** Ends the name of what is not whole yet; a program that was killed leaves it, and the next one removes it. */
const unfinished = ".unfinished";

/** A folder: of the machine, or of a file server that is mounted in it. */
export function folderStore(folder: string): Store {
  return {
    async write(name, from) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(`${path}${unfinished}`, "w", 0o600);
      try {
        for await (const piece of from) await file.writeFile(piece);
        // Whoever reads that it is there must find its bytes after a power failure too.
        await file.sync();
      } catch (error) {
        await rm(`${path}${unfinished}`, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(`${path}${unfinished}`, path);
    },
    async read(name) {
      if (!(await exists(name))) throw new NotThere(name);
      return createReadStream(join(folder, name));
    },
    has: exists,
    async *list(prefix) {
      const start = prefix.includes("/") ? dirname(`${prefix}x`) : "";
      for await (const { path, size, modified } of walk(start)) {
        if (path.startsWith(prefix)) yield { name: path, size, modified };
      }
    },
    async remove(name) {
      await rm(join(folder, name), { force: true });
      // Folders are no more than parts of names.
      for (let at = dirname(name); at !== "."; at = dirname(at)) {
        const gone = await rmdir(join(folder, at)).then(
          () => true,
          () => false,
        );
        if (!gone) return;
      }
    },
  };

  async function exists(name: string): Promise<boolean> {
    return lstat(join(folder, name)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  async function* walk(at: string): AsyncGenerator<{ path: string; size: number; modified: Date }> {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) yield* walk(path);
      else if (entry.isFile() && !entry.name.endsWith(unfinished)) {
        const found = await lstat(join(folder, path)).catch(() => undefined);
        if (found) yield { path, size: found.size, modified: found.mtime };
      }
    }
  }
}
