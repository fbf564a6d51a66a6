import type { ReadEntry } from "tar";

/** A file or, without content, a folder of an archive. Paths are relative, folders before what is in them. */
export interface Entry {
  path: string;
  content?: string;
  mode: number;
  user: number;
  group: number;
}

/** The entries as a tar archive, as the engine takes it. */
export async function pack(entries: Entry[]): Promise<Buffer> {
  const { Header } = await import("tar");
  const blocks = entries.flatMap(({ path, content, mode, user, group }) => {
    const body = Buffer.from(content ?? "");
    const header = new Header({
      path,
      mode,
      uid: user,
      gid: group,
      size: body.length,
      type: content === undefined ? "Directory" : "File",
      mtime: new Date(0),
    });
    header.encode();
    return [header.block ?? Buffer.alloc(0), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The files of an archive by path, as the engine gives it. */
export async function unpack(archive: AsyncIterable<Buffer>): Promise<Map<string, string>> {
  const { Parser } = await import("tar");
  const files = new Map<string, string>();
  const parser = new Parser({ onReadEntry: read });
  const done = new Promise<void>((resolve, reject) => {
    parser.on("end", () => resolve());
    parser.on("error", reject);
  });
  for await (const piece of archive) parser.write(piece);
  parser.end();
  await done;
  return files;

  function read(entry: ReadEntry): void {
    const pieces: Buffer[] = [];
    entry.on("data", (piece: Buffer) => pieces.push(piece));
    entry.on("end", () => {
      if (entry.type === "File") files.set(entry.path, Buffer.concat(pieces).toString());
    });
  }
}
