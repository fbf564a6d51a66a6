import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, symlinkSync, writeSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import type { Readable } from "node:stream";
import { Skipped } from "./skipped.ts";

/**
 * Writes files into a fresh folder and nowhere else: every folder below is made here, so one that is there already is
 * a link or a file of the archive, and writing through it is refused. Calls are synchronous because an archive may
 * hold ten thousand small files, for which a turn of the event loop each is most of the time.
 */
export interface Draft {
  file(path: string, content: Readable): Promise<void>;
  /** `target` is relative to the link, as in an archive. */
  link(path: string, target: string): void;
  /** `target` is relative to the draft, as in the catalogue. */
  alias(path: string, target: string): void;
}

export function openDraft(root: string): Draft {
  const made = new Set(["."]);

  function openFolder(path: string): void {
    if (made.has(path)) return;
    openFolder(dirname(path));
    refuseExisting(path, () => mkdirSync(join(root, path)));
    // Whatever the umask is: a program that refuses root is started as another user, who must be able to read it.
    chmodSync(join(root, path), 0o755);
    made.add(path);
  }

  function link(path: string, target: string): void {
    if (posix.isAbsolute(target) || !isInside(posix.join(posix.dirname(path), target))) {
      throw new Skipped(`it holds a link that leaves its folder: ${path} -> ${target}`);
    }
    openFolder(dirname(path));
    refuseExisting(path, () => symlinkSync(target, join(root, path)));
  }

  return {
    async file(path, content) {
      openFolder(dirname(path));
      const file = refuseExisting(path, () => openSync(join(root, path), "wx"));
      try {
        let program: boolean | undefined;
        for await (const chunk of content as AsyncIterable<Buffer>) {
          program ??= isProgram(chunk);
          for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
        }
        fchmodSync(file, program ? 0o755 : 0o644);
      } finally {
        closeSync(file);
      }
    },
    link,
    alias: (path, target) => link(path, relative(dirname(path), target)),
  };
}

export function isInside(path: string): boolean {
  const plain = posix.normalize(path);
  const climbs = plain === ".." || plain.startsWith("../");
  return !climbs && !posix.isAbsolute(plain) && !/[\\\0]/.test(path);
}

function refuseExisting<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new Skipped(`it holds ${path} twice, or writes through it`, { cause });
  }
}

/** ELF, Mach-O (64 bit and universal) or a script: what an archive that lost its modes meant to be executable. */
function isProgram(head: Buffer): boolean {
  if (head.length < 4) return false;
  return head.toString("latin1", 0, 2) === "#!" || [0x7f454c46, 0xcffaedfe, 0xcafebabe].includes(head.readUInt32BE());
}
