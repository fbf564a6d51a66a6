import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { bytesOf, collected } from "./bytes.ts";
import type { Store } from "./stores/index.ts";

/** What stands beside a copy. It is written last: a copy without one is none. */
export const CopyRecord = Type.Object({
  format: Type.Literal(1),
  stack: Type.String(),
  copy: Type.String(),
  kind: Type.String(),
  /** ISO 8601, UTC. Everything that was there at `started` is in the copy. */
  started: Type.String(),
  finished: Type.String(),
  encrypted: Type.Boolean(),
  /** As they are stored: names beside this file, bytes, SHA-256. */
  files: Type.Array(Type.Object({ name: Type.String(), size: Type.Integer(), sha256: Type.String() })),
  /** What a person wants to know of it: the server's version, how many files. */
  about: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
export type CopyRecord = Static<typeof CopyRecord>;

const check = new Ajv().compile<CopyRecord>(CopyRecord);
const recordName = "copy.json";

/** Folder of a copy: its name and the moment it was started. */
export function folderOf(copy: string, started: Date): string {
  return `${copy}/${started.toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

export async function writeRecord(store: Store, folder: string, record: CopyRecord): Promise<void> {
  await store.write(`${folder}/${recordName}`, bytesOf(`${JSON.stringify(record, null, 2)}\n`));
}

/** The whole copies of a name, the oldest first. */
export async function recordsOf(store: Store, copy: string): Promise<{ folder: string; record: CopyRecord }[]> {
  const found: { folder: string; record: CopyRecord }[] = [];
  for await (const { name } of store.list(`${copy}/`)) {
    if (!name.endsWith(`/${recordName}`)) continue;
    const record: unknown = JSON.parse((await collected(await store.read(name))).toString("utf8"));
    if (check(record)) found.push({ folder: name.slice(0, -recordName.length - 1), record });
  }
  return found;
}

/** Takes a whole copy away. The record goes first: what is left of it then is no copy, whenever this is cut off. */
export async function removeCopy(store: Store, folder: string): Promise<void> {
  await store.remove(`${folder}/${recordName}`);
  const names: string[] = [];
  for await (const { name } of store.list(`${folder}/`)) names.push(name);
  for (const name of names) await store.remove(name);
}
