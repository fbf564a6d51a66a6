import { randomUUID } from "node:crypto";
import type pg from "pg";

/** A project with an id that a test chooses, as whoever has made one. @returns its id */
export async function plantProject(
  owner: pg.Pool,
  organisation: string,
  { id = randomUUID(), everyone = "member" as "member" | "viewer" | null } = {},
): Promise<string> {
  await owner.query(
    "insert into projects.project (id, organisation_id, name, slug, everyone) values ($1, $2, 'Planted', $3, $4)",
    [id, organisation, `planted-${id.slice(0, 8)}`, everyone],
  );
  return id;
}
