import { createHash } from "node:crypto";
import type { Tenant, Transaction } from "../../kit/index.ts";
import { termsVersion } from "../chunk/identifiers.ts";
import { liveGenerations, lockGenerations } from "../embed/generation.ts";
import type { Index } from "../index/index.ts";
import type { ReadText } from "../read/text.ts";
import type { IndexedPiece, ReadPage } from "../read/work.ts";

/** A page that was read, and from where. */
export interface FoundPage {
  source: string;
  run: string;
  address: string;
  media: string;
  etag?: string | undefined;
  lastModified?: string | undefined;
  read: Pick<ReadPage, "title" | "content" | "form" | "language" | "pieces">;
}

/**
 * Keeps a page and its chunks, as part of the transaction that counts it. What did not change keeps its chunks, and with
 * them their vectors; so does each chunk of a page that did.
 */
export async function keepPage(
  tx: Transaction,
  tenant: Tenant,
  index: Index,
  { source, run, address, media, etag, lastModified, read }: FoundPage,
): Promise<"read" | "unchanged"> {
  const { title, content, language, pieces } = read;
  const hash = hashOfPage(read);
  await lockGenerations(tx, tenant, "shared");
  const before = await tx.query<{ id: string; hash: Buffer }>(
    "select id, hash from page where source_id = $1 and md5(address) = md5($2) for update",
    [source, address],
  );
  const known = before.rows[0];
  if (known?.hash.equals(hash)) {
    await tx.query("update page set seen_by = $2, etag = $3, last_modified = $4 where id = $1", [
      known.id,
      run,
      etag,
      lastModified,
    ]);
    return "unchanged";
  }
  const { rows } = await tx.query<{ id: string }>(
    `insert into page (source_id, address, title, content, media, language, hash, etag, last_modified, seen_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (source_id, md5(address)) do update set title = excluded.title, content = excluded.content,
       media = excluded.media, language = excluded.language, hash = excluded.hash, etag = excluded.etag,
       last_modified = excluded.last_modified, seen_by = excluded.seen_by, changed_at = now()
     returning id`,
    [source, address, title, content, media, language, hash, etag, lastModified, run],
  );
  await keepChunks(tx, index, { page: rows[0]?.id as string, source, language }, pieces);
  return "read";
}

/** Of all that is kept of a page's text. */
export function hashOfPage({ form, title, content }: Pick<ReadText, "form" | "title" | "content">): Buffer {
  return createHash("sha256").update(`${form}\n${title}\n${content}`).digest();
}

async function keepChunks(
  tx: Transaction,
  index: Index,
  { page, source, language }: { page: string; source: string; language: string },
  pieces: readonly IndexedPiece[],
): Promise<void> {
  const before = await tx.query<{ id: string; hash: Buffer }>(
    "select id, hash from chunk where page_id = $1 order by ordinal",
    [page],
  );
  const free = new Map<string, string[]>();
  for (const { id, hash } of before.rows)
    free.set(hash.toString("hex"), [...(free.get(hash.toString("hex")) ?? []), id]);
  const kept = pieces.map(({ hash }) => free.get(hash)?.shift());
  const removed = [...free.values()].flat();
  if (removed.length > 0) {
    await tx.query("delete from chunk where id = any ($1)", [removed]);
  }
  const at = [...pieces.keys()];
  const stay = at.filter((i) => kept[i]);
  if (stay.length > 0) {
    await tx.query(
      `update chunk c set ordinal = k.ordinal, first_line = k.first, last_line = k.last
       from unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) k(id, ordinal, first, last) where c.id = k.id`,
      [stay.map((i) => kept[i]), stay, stay.map((i) => pieces[i]?.lines.first), stay.map((i) => pieces[i]?.lines.last)],
    );
  }
  const fresh = at.filter((i) => !kept[i]).map((i) => ({ ...(pieces[i] as IndexedPiece), ordinal: i }));
  if (fresh.length + removed.length > 0) await index.changed?.(tx);
  if (fresh.length === 0) return;
  const made = await tx.query<{ id: string }>(
    `insert into chunk (source_id, page_id, language, ordinal, kind, heading, content, identifiers, first_line, last_line,
       tokens, hash, terms_version)
     select $1, $2, $3::regconfig, n.*, ${termsVersion} from unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[],
       $10::int[], $11::int[], $12::bytea[]) n returning id`,
    [
      source,
      page,
      language,
      fresh.map((one) => one.ordinal),
      fresh.map((one) => one.kind),
      fresh.map((one) => one.heading),
      fresh.map((one) => one.content),
      fresh.map((one) => one.terms),
      fresh.map((one) => one.lines.first),
      fresh.map((one) => one.lines.last),
      fresh.map((one) => one.tokens),
      fresh.map((one) => Buffer.from(one.hash, "hex")),
    ],
  );
  for (const generation of await liveGenerations(tx)) {
    await tx.query("insert into pending (generation_id, chunk_id, source_id) select $1, unnest($2::uuid[]), $3", [
      generation.id,
      made.rows.map(({ id }) => id),
      source,
    ]);
  }
}

/** Deletes the pages that a complete run has not seen, and answers how many. */
export async function removeUnseen(tx: Transaction, index: Index, source: string, run: string): Promise<number> {
  if (tx.tenant) await lockGenerations(tx, tx.tenant, "shared");
  const gone = "page_id in (select id from page where source_id = $1 and seen_by is distinct from $2)";
  const values = [source, run];
  const chunks = await tx.query(`delete from chunk where ${gone}`, values);
  if (chunks.rowCount) await index.changed?.(tx);
  const pages = await tx.query("delete from page where source_id = $1 and seen_by is distinct from $2", values);
  return pages.rowCount ?? 0;
}
