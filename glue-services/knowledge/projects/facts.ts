import type { Database } from "../../kit/index.ts";
import type { Fact, Who } from "../../projects/contract.ts";

/** What there is to do in a project, and what is written down. */
export async function tellOfProject(database: Database, who: Who, project: string): Promise<Fact[]> {
  const { rows } = await database.query<{ open: number; done: number; documents: number; sources: number }>(who, {
    name: "knowledge.of-project",
    text: `select count(*) filter (where status <> 'done')::int as open, count(*) filter (where status = 'done')::int as done,
        (select count(*)::int from document where project_id = $1) as documents,
        (select count(*)::int from project_source where project_id = $1) as sources
      from task where project_id = $1 and archived_at is null`,
    values: [project],
  });
  const { open = 0, done = 0, documents = 0, sources = 0 } = rows[0] ?? {};
  return [
    { product: "Hub", title: "Tasks to do", value: String(open), path: `/projects/${project}?tab=board` },
    { product: "Hub", title: "Tasks done", value: String(done), path: `/projects/${project}?tab=board` },
    { product: "Hub", title: "Documents", value: String(documents), path: `/projects/${project}?tab=documents` },
    { product: "Hub", title: "Knowledge sources", value: String(sources), path: "/knowledge/sources" },
  ];
}
