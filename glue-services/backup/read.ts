import { createGunzip } from "node:zlib";
import { linesOf, measured, through } from "./bytes.ts";
import type { CopyRecord } from "./record.ts";
import { unseal } from "./seal.ts";
import type { Store } from "./stores/index.ts";

export interface Reader {
  store: Store;
  passphrase: string | undefined;
}

type Found = { folder: string; record: CopyRecord };

/**
 * A file of a copy as it was before it was packed and encrypted: `base.tar`, `folder.tar`, `objects.jsonl`.
 * @throws Error at its end when it is another one than was written, or when its key is missing
 */
export async function* openFile(
  { store, passphrase }: Reader,
  { folder, record }: Found,
  name: string,
): AsyncGenerator<Buffer> {
  const file = record.files.find((one) => one.name.replace(/\.gz(\.sealed)?$/, "") === name);
  if (!file) throw new Error(`${folder} has no ${name}; it has ${record.files.map((one) => one.name).join(", ")}.`);
  const stored = measured(await store.read(`${folder}/${file.name}`));
  yield* through(opened({ store, passphrase }, stored.bytes, file.name.endsWith(".sealed")), createGunzip());
  const { size, sha256 } = stored.found();
  if (size !== file.size || sha256 !== file.sha256) throw new Error(`${folder}/${file.name} is not what was written.`);
}

/** An object of a copy of buckets: a line with its headers, then its bytes. */
export async function* openObject(reader: Reader, record: CopyRecord, name: string): AsyncGenerator<Buffer> {
  yield* opened(reader, await reader.store.read(name), record.encrypted);
}

function opened({ passphrase }: Reader, bytes: AsyncIterable<Buffer>, encrypted: boolean): AsyncIterable<Buffer> {
  if (!encrypted) return bytes;
  if (passphrase === undefined)
    throw new Error("The copy is encrypted: set ENCRYPTION_KEY to the key it was made with.");
  return unseal(bytes, passphrase);
}

/** Of objects past this many the ids are not held in memory: each is asked for at the store. */
const mostKnown = 1_000_000;

/** The objects that the former copy names, which need not be asked for. Under another key they have other ids. */
export async function knownObjects(reader: Reader, former: Found | undefined): Promise<Set<string>> {
  if (!former || Number(former.record.about.objects) > mostKnown) return new Set();
  return idsOf(reader, former);
}

/** Names below `objects/` of all objects of a copy. */
export async function idsOf(reader: Reader, copy: Found): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const id of linesOf(openFile(reader, copy, "ids"))) ids.add(id);
  return ids;
}
