import { ApiError, type Transaction } from "../../kit/index.ts";
import { demand, demandWithin, type Hub, visible, type Who } from "./access.ts";
import { touchProject } from "./projects.ts";
import type { DocumentChange, DocumentGiven, DocumentTold, VersionTold } from "./schemas.ts";

interface Row extends Omit<DocumentTold, "changedAt"> {
  changedAt: Date;
}

const columns = `id, project_id as project, title, content, version, changed_at as "changedAt", changed_by as "changedBy"`;

export interface DocumentsWanted {
  id?: string | undefined;
  project?: string | undefined;
  words?: string | undefined;
}

/** Documents by project, id, or words in them. */
export async function findDocuments(on: Hub, who: Who, wanted: DocumentsWanted): Promise<DocumentTold[]> {
  const { rows } = await on.database.query<Row>(who, {
    name: "knowledge.documents",
    text: `select ${columns} from document where project_id = any ($4::uuid[]) and ($1::uuid is null or id = $1) and ($2::uuid is null or project_id = $2)
      and ($3::text is null or strpos(lower(title || ' ' || content), lower($3)) > 0) order by title, id limit 200`,
    values: [wanted.id, wanted.project, wanted.words, await visible(on, who)],
  });
  return rows.map((row) => ({ ...row, changedAt: row.changedAt.toISOString() }));
}

/** @throws ApiError NOT_FOUND */
export async function readDocument(on: Hub, who: Who, id: string): Promise<DocumentTold> {
  const [document] = await findDocuments(on, who, { id });
  if (!document) throw missing();
  return document;
}

/** @throws ApiError NOT_FOUND when there is no such project */
export async function addDocument(
  on: Hub,
  who: Who,
  project: string,
  { title, content }: DocumentGiven,
): Promise<DocumentTold> {
  await demand(on, who, project, "member");
  const id = await on.database.withTenant(who, async (tx) => {
    await touchProject(tx, project);
    const { rows } = await tx.query<{ id: string }>(
      "insert into document (project_id, title, content) values ($1, $2, $3) returning id",
      [project, title.trim(), content],
    );
    const made = rows[0]?.id as string;
    await keepVersion(tx, made, "");
    return made;
  });
  return readDocument(on, who, id);
}

/** @throws ApiError NOT_FOUND, or CONFLICT when somebody changed it since that version was read */
export async function changeDocument(
  on: Hub,
  who: Who,
  id: string,
  { title, content, note, version }: DocumentChange,
): Promise<DocumentTold> {
  await demandDocument(on, who, id);
  await on.database.withTenant(who, async (tx) => {
    const { rows } = await tx.query<{ version: number; project: string }>(
      "select version, project_id as project from document where id = $1 for update",
      [id],
    );
    const [now] = rows;
    if (!now) throw missing();
    if (now.version !== version) {
      throw new ApiError(
        "CONFLICT",
        `The document is at version ${now.version} by now; this change is of version ${version}.`,
      );
    }
    await tx.query(
      `update document set title = coalesce($2, title), content = coalesce($3, content), version = version + 1,
         changed_at = now(), changed_by = devflow.person() where id = $1`,
      [id, title?.trim(), content],
    );
    await keepVersion(tx, id, note ?? "");
    await touchProject(tx, now.project);
  });
  return readDocument(on, who, id);
}

/** The versions of a document, the newest first. */
export async function listVersions(on: Hub, who: Who, id: string): Promise<VersionTold[]> {
  await readDocument(on, who, id);
  const { rows } = await on.database.query<Omit<VersionTold, "madeAt"> & { madeAt: Date }>(who, {
    name: "knowledge.versions",
    text: `select version, title, note, made_at as "madeAt", made_by as "madeBy" from document_version
      where document_id = $1 order by version desc limit 500`,
    values: [id],
  });
  return rows.map((row) => ({ ...row, madeAt: row.madeAt.toISOString() }));
}

/** @throws ApiError NOT_FOUND */
export async function readVersion(
  on: Hub,
  who: Who,
  id: string,
  version: number,
): Promise<{ title: string; content: string }> {
  await readDocument(on, who, id);
  const { rows } = await on.database.query<{ title: string; content: string }>(who, {
    text: "select title, content from document_version where document_id = $1 and version = $2",
    values: [id, version],
  });
  if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such version.");
  return rows[0];
}

/** Makes an old version the newest; nothing is lost. @throws ApiError NOT_FOUND, CONFLICT */
export async function restoreVersion(
  on: Hub,
  who: Who,
  id: string,
  version: number,
  now?: number,
): Promise<DocumentTold> {
  const { title, content } = await readVersion(on, who, id, version);
  const current = now ?? (await readDocument(on, who, id)).version;
  return changeDocument(on, who, id, { title, content, note: `Version ${version} again`, version: current });
}

/** @throws ApiError NOT_FOUND */
export async function removeDocument(on: Hub, who: Who, id: string): Promise<void> {
  await demandDocument(on, who, id);
  const { rowCount } = await on.database.query(who, { text: "delete from document where id = $1", values: [id] });
  if (rowCount === 0) throw missing();
}

/** Refuses whoever may not work on the document's project. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
async function demandDocument(on: Hub, who: Who, id: string): Promise<void> {
  const { rows } = await on.database.query<{ project: string }>(who, {
    name: "knowledge.project-of-document",
    text: "select project_id as project from document where id = $1",
    values: [id],
  });
  if (!rows[0]) throw missing();
  await demandWithin(on, who, rows[0].project, missing);
}

async function keepVersion(tx: Transaction, id: string, note: string): Promise<void> {
  await tx.query(
    `insert into document_version (document_id, version, title, content, note)
     select id, version, title, content, $2 from document where id = $1`,
    [id, note],
  );
}

function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such document.");
}
