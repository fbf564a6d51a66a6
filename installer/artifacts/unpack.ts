import { createWriteStream } from "node:fs";
import { chmod, stat, symlink } from "node:fs/promises";
import { dirname, join, matchesGlob, posix, relative } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Unpack } from "../../components/catalogue/index.ts";
import type { Reporting } from "../../components/provider/host.ts";
import { entriesOf } from "./archive.ts";
import { meter } from "./progress.ts";
import { Skipped } from "./skipped.ts";
import { openFolder } from "./tree.ts";

/**
 * Unpacks an archive into `folder` by the rules of the catalogue. `name` is what the file was called at its source.
 * @throws Skipped for an archive that is damaged, reaches outside its folder, or has none of the wanted entries.
 */
export async function unpack(
  archive: string,
  name: string,
  rules: Unpack,
  folder: string,
  reporting: Reporting,
): Promise<void> {
  const progress = meter(reporting, "unpacking", { total: (await stat(archive)).size });
  let placed = 0;
  await entriesOf(archive, rules.format, name, async (entry) => {
    reporting.signal.throwIfAborted();
    progress.add(entry.packed, entry.path);
    if (!isInside(entry.path)) throw new Skipped(`${name} holds a path that leaves its folder: ${entry.path}`);
    const to = place(entry.path, rules);
    if (to === undefined) return;
    const target = join(folder, to);
    await openFolders(folder, dirname(to));
    if (entry.link === undefined) await writeEntry(target, await entry.open());
    else if (isInside(posix.join(posix.dirname(to), entry.link)) && !posix.isAbsolute(entry.link))
      await symlink(entry.link, target);
    else throw new Skipped(`${name} holds a link that leaves its folder: ${entry.path} -> ${entry.link}`);
    placed++;
  });
  if (placed === 0) throw new Skipped(`${name} holds nothing of what the catalogue names`);
  for (const [link, target] of Object.entries(rules.links ?? {})) {
    await openFolders(folder, dirname(link));
    await symlink(relative(dirname(link), target), join(folder, link));
  }
  progress.end();
}

/** Where an entry goes, or undefined when no rule wants it. */
export function place(path: string, rules: Unpack): string | undefined {
  for (const rule of rules.take) {
    const below =
      rule.from === path ? "" : path.startsWith(`${rule.from}/`) ? path.slice(rule.from.length + 1) : undefined;
    if (below === undefined) continue;
    if (rule.except?.some((glob) => matchesGlob(below, glob))) return undefined;
    return below ? posix.join(rule.to, below) : rule.to;
  }
  return undefined;
}

function isInside(path: string): boolean {
  const plain = posix.normalize(path);
  return (
    !posix.isAbsolute(plain) &&
    plain !== ".." &&
    !plain.startsWith("../") &&
    !path.includes("\\") &&
    !path.includes("\0")
  );
}

async function openFolders(root: string, below: string): Promise<void> {
  let at = root;
  for (const part of below.split("/")) {
    at = join(at, part);
    await openFolder(at);
  }
}

async function writeEntry(target: string, content: Readable): Promise<void> {
  // "wx" refuses to write through a link that an earlier entry made.
  let program = false;
  await pipeline(
    content,
    async function* look(chunks: AsyncIterable<Buffer>) {
      let first = true;
      for await (const chunk of chunks) {
        if (first) program = isProgram(chunk);
        first = false;
        yield chunk;
      }
    },
    createWriteStream(target, { flags: "wx", mode: 0o644 }),
  );
  await chmod(target, program ? 0o755 : 0o644);
}

/** ELF, Mach-O (64 bit and universal) or a script: what an archive that lost its modes meant to be executable. */
function isProgram(head: Buffer): boolean {
  if (head.length < 4) return false;
  return head.toString("latin1", 0, 2) === "#!" || [0x7f454c46, 0xcffaedfe, 0xcafebabe].includes(head.readUInt32BE());
}
