import { ApiError, type Database, type Tenant } from "../../kit/index.ts";
import type { PageRead } from "../schemas.ts";

/** @throws ApiError NOT_FOUND */
export async function readPage(database: Database, tenant: Tenant, id: string): Promise<PageRead> {
  const { rows } = await database.query<Omit<PageRead, "changedAt"> & { changedAt: Date }>(tenant, {
    name: "knowledge.page",
    text: `select p.id, p.title, p.address, p.language, p.media, p.content, p.changed_at as "changedAt",
        jsonb_build_object('id', s.id, 'name', s.name, 'kind', s.kind) as source
      from page p join source s on s.id = p.source_id where p.id = $1`,
    values: [id],
  });
  const [row] = rows;
  if (!row) throw new ApiError("NOT_FOUND", "There is no such page.");
  return { ...row, changedAt: row.changedAt.toISOString() };
}
