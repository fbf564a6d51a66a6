import { type App, type Change, type Feed, holds, type Identity, type Need, type Viewer } from "../kit/index.ts";
import { projectsContract } from "../projects/contract.ts";

/** Sources that could not be read, tasks that are due, and what happened to tasks. */
export const feed: Feed = {
  async needs(app, identity, viewer) {
    return (await Promise.all([unread(app, identity), due(app, identity, viewer)])).flat();
  },
  /** Whoever sees the audit log has them from there. */
  async changes(app, identity) {
    if (!holds(identity, "projects:read") || holds(identity, "audit:view")) return [];
    const among = await app.use(projectsContract).visible({ who: identity });
    const { rows } = await app.database.query<Omit<Change, "at"> & { at: Date }>(identity, {
      text: `select 'audit ' || id as id, at, coalesce(person_name, credential_name, 'Somebody') as who, action,
          target_name as target, details ->> 'page' as path
        from devflow.audit where organisation_id = devflow.organisation() and service = 'knowledge' and action like 'task.%'
          and substr(details ->> 'page', 11, 36) = any ($1)
        order by at desc, audit.id desc limit 30`,
      values: [among],
    });
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  },
  async steps(app, identity) {
    if (!holds(identity, "knowledge:write")) return {};
    const { rows } = await app.database.query<{ read: boolean }>(identity, {
      text: "select exists (select from source) as read",
    });
    return { knowledge: rows[0]?.read ?? false };
  },
};

/** Sources whose last reading failed, or left pages out that it could not read. */
async function unread(app: App, identity: Identity): Promise<Need[]> {
  if (!holds(identity, "knowledge:write")) return [];
  const { rows } = await app.database.query<{
    id: string;
    name: string;
    state: string;
    failed: number;
    note: string | null;
    at: Date | null;
  }>(identity, {
    text: `select s.id, s.name, r.state, r.failed, r.note, r.ended_at as at from source s
      cross join lateral (select * from run where source_id = s.id order by created_at desc limit 1) r
      where r.state = 'failed' or (r.state = 'done' and r.failed > 0) order by r.ended_at desc limit 50`,
  });
  return rows.map(
    ({ id, name, state, failed, note, at }): Need => ({
      id: `source ${id}`,
      state: state === "failed" ? "failed" : "degraded",
      what:
        state === "failed"
          ? `The source ${name} could not be read`
          : `${failed === 1 ? "One page" : `${failed} pages`} of the source ${name} could not be read`,
      ...(note && { why: note }),
      ...(at && { since: at.toISOString() }),
      path: `/knowledge/sources?open=${id}`,
      action: "See why",
    }),
  );
}

/** One's own tasks whose day is today where the viewer is, or past. */
async function due(app: App, identity: Identity, { tz }: Viewer): Promise<Need[]> {
  if (!identity.person || !holds(identity, "projects:read")) return [];
  const { rows } = await app.database.query<{ id: string; project: string; title: string; day: string; late: boolean }>(
    identity,
    {
      text: `select id, project_id as project, title, to_char(due, 'YYYY-MM-DD') as day,
          due < (now() at time zone $2)::date as late
        from task where assignee_kind = 'person' and assignee = $1 and due <= (now() at time zone $2)::date
          and status <> 'done' and archived_at is null and project_id = any ($3::uuid[]) order by due, id limit 50`,
      values: [identity.person, tz, await app.use(projectsContract).visible({ who: identity })],
    },
  );
  return rows.map(
    ({ id, project, title, day, late }): Need => ({
      id: `task ${id}`,
      state: late ? "degraded" : "waiting",
      what: late ? `Your task ${title} was due on ${day}` : `Your task ${title} is due today`,
      path: `/projects/${project}?task=${id}`,
      action: "Open the task",
    }),
  );
}
