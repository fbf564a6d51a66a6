import type { Database, Tenant } from "../../kit/index.ts";
import type { SourceTold } from "../schemas.ts";

type Row = Omit<SourceTold, "createdAt" | "readAt" | "state"> & { createdAt: Date; readAt: Date | null };

/** Sources with what is in them and how their last reading went; all, or one. */
export async function readSources(database: Database, tenant: Tenant, id?: string): Promise<SourceTold[]> {
  const { rows } = await database.query<Row>(tenant, {
    name: "knowledge.sources",
    text: `select s.id, s.kind, s.name, s.address, s.tags, s.refresh_hours as "refreshHours", s.settings,
        s.created_at as "createdAt", s.read_at as "readAt",
        (select count(*)::int from page p where p.source_id = s.id) as pages,
        (select count(*)::int from chunk c where c.source_id = s.id) as chunks,
        case when g.id is null then (select count(*)::int from chunk c where c.source_id = s.id)
          else (select count(*)::int from pending w where w.source_id = s.id and w.generation_id = g.id) end as waiting,
        (select jsonb_build_object('failed', count(*) filter (where kind = 'failed'),
          'partial', count(*) filter (where kind = 'partial'), 'skipped', count(*) filter (where kind = 'skipped'))
          from problem p where p.source_id = s.id) as problems,
        (select jsonb_build_object('id', r.id, 'state', r.state, 'found', r.found, 'read', r.read,
          'unchanged', r.unchanged, 'skipped', r.skipped, 'failed', r.failed, 'removed', r.removed, 'note', r.note,
          'createdAt', r.created_at, 'startedAt', r.started_at, 'endedAt', r.ended_at)
          from run r where r.source_id = s.id order by r.created_at desc limit 1) as run
      from source s left join generation g on g.state = 'serving'
      where $1::uuid is null or s.id = $1 order by s.created_at desc limit 500`,
    values: [id],
  });
  return rows.map((row) => ({
    ...row,
    state: stateOf(row),
    createdAt: row.createdAt.toISOString(),
    readAt: row.readAt?.toISOString() ?? null,
  }));
}

/** A source of which something failed, or nothing could be read, is not ready. */
function stateOf({ run, pages, problems }: Row): string {
  if (run?.state === "running") return "reading";
  if (run && run.state !== "done") return run.state;
  if (problems.failed > 0 || (pages === 0 && problems.skipped > 0)) return "incomplete";
  return pages > 0 ? "ready" : "empty";
}
