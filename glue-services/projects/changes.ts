import { ApiError, audit, type Database, emit, type Tenant, type Transaction } from "../kit/index.ts";
import { answer, deleted, type ProjectEvent, topics } from "./parts.ts";
import type { ChangeShown, Kind, PartShown, ProjectShown } from "./schemas.ts";

/**
 * Writes down what is to be done to a project in all services, with the event that asks them, in the transaction of what it
 * is about. Each answers when its part is done; with the last answer the change has ended.
 */
export async function begin(tx: Transaction, project: ProjectShown, kind: Kind): Promise<string> {
  const changed = await tx.query<Told>(
    "update project set revision = revision + 1 where id = $1 returning id, name, slug, description, state, revision",
    [project.id],
  );
  const { rows } = await tx.query<{ id: string }>(
    "insert into change (project_id, name, kind) values ($1, $2, $3) returning id",
    [project.id, project.name, kind],
  );
  const [now, made] = [changed.rows[0], rows[0]];
  if (!now || !made) throw new Error(`The project ${project.id} is gone while it is locked.`);
  const { id } = made;
  const parts = await tx.query(
    "insert into part (change_id, service) select $1, taker from devflow.takers($2) taker where taker <> 'projects'",
    [id, topics[kind]],
  );
  emit(tx, { topic: topics[kind], key: project.id, payload: eventOf(now, id) });
  if (parts.rowCount === 0) await end(tx, { id, project: project.id, name: project.name, kind });
  return id;
}

/**
 * Notes what a service answered; the last answer ends the change. Answers that come twice change nothing, and nobody waits
 * again for a service that was given up.
 */
export async function noteAnswer(
  tx: Transaction,
  { topic, change, remaining }: { topic: string; change: string; remaining?: string | undefined },
): Promise<void> {
  const service = topic.slice(0, -answer.length - 1);
  // The project before the change, as whatever else changes both.
  await tx.query("select from project where id = (select project_id from change where id = $1) for update", [change]);
  // One answer at a time, so that of the last two one sees that there is no other left.
  const running = await lockRunning(tx, change);
  if (!running) return;
  await tx.query(
    `update part set state = $3, remaining = $4, answered_at = now() where change_id = $1 and service = $2
     and (state = 'waiting' or (state = 'given-up' and $3 = 'done'))`,
    [change, service, remaining === undefined ? "done" : "waiting", remaining],
  );
  await endIfDone(tx, running);
}

/** Waits for a service no longer; the project is locked. @throws ApiError NOT_FOUND */
export async function giveUp(tx: Transaction, project: ProjectShown, service: string): Promise<void> {
  const { rows } = await tx.query<{ change: string }>(
    `update part p set state = 'given-up', answered_at = now() from change c
     where c.id = p.change_id and c.project_id = $1 and c.state = 'running' and p.service = $2 and p.state = 'waiting'
     returning c.id as change`,
    [project.id, service],
  );
  if (rows.length === 0) throw new ApiError("NOT_FOUND", `Nothing waits for ${service}.`);
  await audit(tx, { action: "project.part-given-up", target: project.id, name: project.name, details: { service } });
  for (const { change } of rows) {
    const running = await lockRunning(tx, change);
    if (running) await endIfDone(tx, running);
  }
}

/** Asks again whoever failed too often, and whoever was asked and neither answered nor has the question any more. */
export async function askAgain(tx: Transaction, project: ProjectShown): Promise<void> {
  await audit(tx, { action: "project.retried", target: project.id, name: project.name });
  const { rows } = await tx.query<{ id: string; kind: Kind }>(
    "select id, kind from change where project_id = $1 and state = 'running' order by asked_at, id",
    [project.id],
  );
  for (const { id, kind } of rows) {
    await tx.query("select devflow.ask_again($1, $2)", [topics[kind], project.id]);
    const { rowCount } = await tx.query(
      `select from part where change_id = $1 and state = 'waiting'
       and service not in (select service from devflow.awaited($2, $3))`,
      [id, topics[kind], project.id],
    );
    if (rowCount === 0) continue;
    emit(tx, { topic: topics[kind], key: project.id, payload: eventOf(project, id) });
  }
}

export interface ChangesWanted {
  id?: string;
  project?: string;
  running?: boolean;
}

/** What was and is done to projects, the newest first, with who has not finished and why. */
export async function findChanges(
  database: Database,
  tenant: Tenant,
  { id, project, running = false }: ChangesWanted,
): Promise<ChangeShown[]> {
  const { rows } = await database.query<Row>(tenant, {
    name: "projects.changes",
    text: `select c.id, c.project_id as project, c.name, c.kind, c.state, c.asked_at as "askedAt", c.asked_by as "askedBy",
        c.ended_at as "endedAt", coalesce((
          select jsonb_agg(jsonb_build_object('service', p.service, 'remaining', p.remaining, 'answeredAt', p.answered_at,
            'problem', a.error, 'state', case when p.state <> 'waiting' then p.state when a.dead then 'failed'
              when a.attempts > 0 then 'failing' else 'waiting' end) order by p.service)
          from part p left join lateral (
            select w.error, w.attempts, w.dead from devflow.awaited(case c.kind when 'create' then '${topics.create}'
              when 'rename' then '${topics.rename}' when 'archive' then '${topics.archive}'
              when 'restore' then '${topics.restore}' else '${topics.delete}' end, c.project_id::text) w
            where w.service = p.service and p.state = 'waiting' order by w.dead desc, w.attempts desc limit 1
          ) a on true where p.change_id = c.id), '[]') as parts
      from change c where ($1::uuid is null or c.id = $1) and ($2::uuid is null or c.project_id = $2)
        and (not $3 or c.state = 'running')
      order by c.asked_at desc, c.id desc limit 100`,
    values: [id, project, running],
  });
  return rows.map((row) => ({
    ...row,
    askedAt: row.askedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    parts: row.parts.map((part) => ({
      ...part,
      answeredAt: part.answeredAt === null ? null : new Date(part.answeredAt).toISOString(),
    })),
  }));
}

interface Row extends Omit<ChangeShown, "askedAt" | "endedAt" | "parts"> {
  askedAt: Date;
  endedAt: Date | null;
  parts: PartShown[];
}

interface Running {
  id: string;
  project: string;
  name: string;
  kind: Kind;
}

async function lockRunning(tx: Transaction, change: string): Promise<Running | undefined> {
  const { rows } = await tx.query<Running>(
    `select id, project_id as project, name, kind from change where id = $1 and state = 'running' for update`,
    [change],
  );
  return rows[0];
}

async function endIfDone(tx: Transaction, running: Running): Promise<void> {
  const { rowCount } = await tx.query("select from part where change_id = $1 and state = 'waiting' limit 1", [
    running.id,
  ]);
  if (rowCount === 0) await end(tx, running);
}

async function end(tx: Transaction, { id, project, name, kind }: Running): Promise<void> {
  await tx.query("update change set state = 'done', ended_at = now() where id = $1", [id]);
  if (kind !== "delete") return;
  // What was asked for before has no project to be about any more.
  await tx.query("update change set state = 'done', ended_at = now() where project_id = $1 and state = 'running'", [
    project,
  ]);
  const { rows } = await tx.query<Told>(
    "delete from project where id = $1 returning id, name, slug, description, state, revision + 1 as revision",
    [project],
  );
  if (!rows[0]) return;
  await audit(tx, { action: "project.deleted", target: project, name });
  emit(tx, { topic: deleted, key: project, payload: eventOf(rows[0], id) });
}

type Told = Pick<ProjectShown, "id" | "name" | "slug" | "description" | "state" | "revision">;

function eventOf({ id, name, slug, description, state, revision }: Told, change: string): ProjectEvent {
  return { project: id, change, name, slug, description, state, revision };
}
