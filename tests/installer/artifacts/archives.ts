import { createHash } from "node:crypto";
import { crc32, gzipSync } from "node:zlib";
import { Header } from "tar";

export type Files = Record<string, string | Buffer>;

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A zip archive of stored (uncompressed) files, whose names are written as they are, good or evil. */
export function zip(files: Files): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const path = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(path.length, 22);
    const body = Buffer.concat([Buffer.from("PK\x03\x04"), fields, path, data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, place, path]));
    bodies.push(body);
    offset += body.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, index, Buffer.from("PK\x05\x06"), end]);
}

export interface TarEntry {
  path: string;
  content?: string;
  link?: string;
  type?: "File" | "SymbolicLink" | "Link";
}

/** A gzipped tar archive whose entries are written as they are, good or evil. */
export function tarGz(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = "", link, type = "File" }) => {
    const data = Buffer.from(content);
    const header = new Header({
      path,
      mode: 0o644,
      size: data.length,
      type,
      mtime: new Date(0),
      ...(link !== undefined && { linkpath: link }),
    });
    header.encode();
    return [header.block ?? Buffer.alloc(512), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
