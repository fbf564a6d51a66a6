import { createGzip } from "node:zlib";
import { bytesOf, measured, through } from "./bytes.ts";
import type { Config, Copy } from "./config.ts";
import { mirrored } from "./copies/buckets.ts";
import { archive, type Seen } from "./copies/folder.ts";
import { baseBackup } from "./copies/postgres.ts";
import { knownObjects } from "./read.ts";
import { type CopyRecord, folderOf, recordsOf, writeRecord } from "./record.ts";
import { seal } from "./seal.ts";
import type { Store } from "./stores/index.ts";

export interface Maker {
  config: Pick<Config, "stack" | "copies">;
  store: Store;
  /** Absent: copies are not encrypted. */
  passphrase: string | undefined;
  now: () => Date;
}

/** Makes one copy, and answers its record once it is whole. */
export async function makeCopy(maker: Maker, name: string): Promise<CopyRecord> {
  const { config, store, passphrase, now } = maker;
  const copy = config.copies[name];
  if (!copy) throw new Error(`There is no copy ${name}; there are ${Object.keys(config.copies).join(", ")}.`);
  const started = now();
  const folder = folderOf(name, started);
  const files: CopyRecord["files"] = [];
  const about = await contents(copy);
  const record: CopyRecord = {
    format: 1,
    ...{ stack: config.stack, copy: name, kind: copy.kind, started: started.toISOString() },
    ...{ finished: now().toISOString(), encrypted: passphrase !== undefined, files, about },
  };
  await writeRecord(store, folder, record);
  return record;

  async function contents(of: Copy): Promise<CopyRecord["about"]> {
    if (of.kind === "postgres") {
      for await (const { name: part, bytes } of baseBackup(of, `${config.stack} ${name}`)) await write(part, bytes);
      return { parts: files.length };
    }
    if (of.kind === "folder") {
      const seen: Seen = { files: 0, shortened: [] };
      await write("folder.tar", archive(of, seen, started.getTime()));
      return { files: seen.files, ...(seen.shortened.length > 0 && { shortened: seen.shortened.join(", ") }) };
    }
    if (of.kind === "secrets") {
      if (passphrase === undefined) throw new Error("Secrets are copied under an encryption key only.");
      await write("secrets.json", bytesOf(`${JSON.stringify(of.values, null, 2)}\n`));
      return { secrets: Object.keys(of.values).length };
    }
    const count = { objects: 0, written: 0 };
    const known = await knownObjects(maker, (await recordsOf(store, name)).at(-1));
    const objects = {
      key: passphrase ?? "",
      has: async (id: string) => known.has(id) || (await store.has(objectName(name, id))),
      write: (id: string, from: AsyncIterable<Buffer>) => store.write(objectName(name, id), encrypted(from)),
    };
    const ids: string[] = [];
    await write(
      "objects.jsonl",
      mirrored(of, objects, count, (id) => ids.push(id)),
    );
    // In the clear, since who takes old copies away may have another key by then; they say nothing without it.
    await write("ids", bytesOf(ids.map((id) => `${id}\n`).join("")), false);
    return count;
  }

  async function write(part: string, bytes: AsyncIterable<Buffer>, sealed = passphrase !== undefined) {
    const packed = through(bytes, createGzip({ level: 6 }));
    const file = `${part}.gz${sealed ? ".sealed" : ""}`;
    const counted = measured(sealed ? encrypted(packed) : packed);
    await store.write(`${folder}/${file}`, counted.bytes);
    files.push({ name: file, ...counted.found() });
  }

  function encrypted(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    return passphrase === undefined ? bytes : seal(bytes, passphrase);
  }
}

export function objectName(copy: string, id: string): string {
  return `${copy}/objects/${id}`;
}
