import { ApiError, emit, type Transaction } from "../../kit/index.ts";
import { demand, demandWithin, type Hub, visible, type Who } from "./access.ts";
import { type FieldChange, note } from "./activity.ts";
import { touchProject } from "./projects.ts";
import type { Status, TaskChange, TaskEvent, TaskGiven, TaskTold } from "./schemas.ts";

interface Row extends Omit<TaskTold, "createdAt" | "changedAt"> {
  createdAt: Date;
  changedAt: Date;
}

export interface TasksWanted {
  id?: string | undefined;
  project?: string | undefined;
  status?: Status | undefined;
  /** Id of a person or name of an agent. */
  assignee?: string | undefined;
  words?: string | undefined;
  archived?: boolean | undefined;
  /** Only those that are to be done by this day. */
  dueBy?: string | undefined;
  /** Only those that nothing keeps from being begun. */
  ready?: boolean | undefined;
  limit?: number | undefined;
}

/** Tasks in the order of the board. */
export async function findTasks(on: Hub, who: Who, wanted: TasksWanted): Promise<TaskTold[]> {
  const among = await visible(on, who);
  const { id, project, status, assignee, words, archived = false, ready = false, limit = 500, dueBy } = wanted;
  const { rows } = await on.database.query<Row>(who, {
    name: "knowledge.tasks",
    text: `select * from (
        select t.id, t.project_id as project, t.title, t.description, t.status, t.priority, t.labels,
          case when t.assignee is not null then jsonb_build_object('kind', t.assignee_kind, 'id', t.assignee) end as assignee,
          to_char(t.due, 'YYYY-MM-DD') as due,
          (select count(*)::int from task_comment c where c.task_id = t.id) as comments,
          array(select d.needs_id::text from task_dependency d where d.task_id = t.id order by 1) as needs,
          exists (select from task_dependency d join task n on n.id = d.needs_id
            where d.task_id = t.id and n.status <> 'done') as blocked,
          t.archived_at is not null as archived, t.version, t.created_at as "createdAt", t.changed_at as "changedAt", t.place
        from task t
        where ($1::uuid is null or t.id = $1) and ($2::uuid is null or t.project_id = $2)
          and ($3::text is null or t.status = $3) and ($4::text is null or t.assignee = $4)
          and ($5::text is null or strpos(lower(t.title || ' ' || t.description), lower($5)) > 0)
          and ($1::uuid is not null or $6 or t.archived_at is null) and ($9::date is null or t.due <= $9)
          and t.project_id = any ($10::uuid[])
      ) found where not $7 or (not blocked and status = 'todo')
      order by array_position(array['todo', 'doing', 'review', 'done'], status), place, id limit $8`,
    values: [id, project, status, assignee, words, archived, ready, limit, dueBy, among],
  });
  return rows.map(({ place: _place, ...row }: Row & { place?: unknown }) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
  }));
}

/** @throws ApiError NOT_FOUND */
export async function readTask(on: Hub, who: Who, id: string): Promise<TaskTold> {
  const [task] = await findTasks(on, who, { id });
  if (!task) throw missing();
  return task;
}

/** @throws ApiError NOT_FOUND, INVALID */
export async function addTask(on: Hub, who: Who, project: string, given: TaskGiven): Promise<TaskTold> {
  await demand(on, who, project, "member");
  const id = await on.database.withTenant(who, async (tx) => {
    await touchProject(tx, project);
    const status = given.status ?? "todo";
    const { rows } = await tx.query<{ id: string }>(
      `insert into task (project_id, title, description, status, priority, labels, assignee_kind, assignee, due, place)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
         (select coalesce(max(place), 0) + 1 from task where project_id = $1 and status = $4)) returning id`,
      [
        project,
        given.title.trim(),
        given.description ?? "",
        status,
        given.priority ?? "medium",
        given.labels ?? [],
        given.assignee?.kind,
        given.assignee?.id,
        given.due,
      ],
    );
    const made = rows[0]?.id as string;
    if (given.needs) await link(tx, project, made, given.needs);
    await note(tx, "added", { id: made, project, title: given.title.trim() });
    tell(tx, "added", made, project, status);
    return made;
  });
  return readTask(on, who, id);
}

/** @throws ApiError NOT_FOUND, INVALID, CONFLICT */
export async function changeTask(on: Hub, who: Who, id: string, change: TaskChange): Promise<TaskTold> {
  await demandTask(on, who, id);
  await on.database.withTenant(who, async (tx) => {
    const now = await current(tx, id);
    if (!now) throw missing();
    if (change.version !== undefined && change.version !== now.version) {
      throw new ApiError("CONFLICT", "Somebody changed this task meanwhile.");
    }
    await touchProject(tx, now.project);
    const status = change.status ?? now.status;
    const moved = change.before !== undefined || status !== now.status;
    await tx.query(
      `update task set title = coalesce($2, title), description = coalesce($3, description), status = $4,
         priority = coalesce($5, priority), labels = coalesce($6, labels),
         assignee_kind = case when $7 then $8 else assignee_kind end, assignee = case when $7 then $9 else assignee end,
         archived_at = case when $10::boolean is null then archived_at when $10 then coalesce(archived_at, now()) end,
         place = coalesce($11, place), due = case when $12 then $13::date else due end,
         version = version + 1, changed_at = now() where id = $1`,
      [
        id,
        change.title?.trim(),
        change.description,
        status,
        change.priority,
        change.labels,
        change.assignee !== undefined,
        change.assignee?.kind,
        change.assignee?.id,
        change.archived,
        moved ? await placeIn(tx, { project: now.project, status, before: change.before, id }) : null,
        change.due !== undefined,
        change.due,
      ],
    );
    if (change.needs) await link(tx, now.project, id, change.needs);
    const after = (await current(tx, id)) as Current;
    const changes = difference(now, after);
    if (changes.length > 0) await note(tx, eventOf(changes), { id, ...after }, { changes });
    if (status !== now.status) tell(tx, "moved", id, now.project, status);
  });
  return readTask(on, who, id);
}

/** @throws ApiError NOT_FOUND */
export async function removeTask(on: Hub, who: Who, id: string): Promise<string> {
  await demandTask(on, who, id);
  return on.database.withTenant(who, async (tx) => {
    const { rows } = await tx.query<{ project: string; title: string }>(
      "delete from task where id = $1 returning project_id as project, title",
      [id],
    );
    if (!rows[0]) throw missing();
    await note(tx, "removed", { id, ...rows[0] });
    return rows[0].project;
  });
}

/** Refuses whoever may not work on the task's project. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
export async function demandTask(on: Hub, who: Who, id: string): Promise<void> {
  const { rows } = await on.database.query<{ project: string }>(who, {
    name: "knowledge.project-of-task",
    text: "select project_id as project from task where id = $1",
    values: [id],
  });
  if (!rows[0]) throw missing();
  await demandWithin(on, who, rows[0].project, missing);
}

/** A task as its history tells of it: each field as a text. */
interface Current {
  project: string;
  version: number;
  title: string;
  status: Status;
  fields: Record<string, string | null>;
}

/** Locks it, but not its key: who makes another task need it holds that, and each would wait for the other. */
async function current(tx: Transaction, id: string): Promise<Current | undefined> {
  const { rows } = await tx.query<Current>(
    `select project_id as project, version, title, status, jsonb_build_object(
       'title', title, 'status', status, 'priority', priority, 'due', to_char(due, 'YYYY-MM-DD'),
       'assignee', assignee_kind || ' ' || assignee, 'labels', nullif(array_to_string(labels, ', '), ''),
       'description', md5(description), 'archived', case when archived_at is not null then 'yes' end,
       'needs', (select string_agg(n.title, ', ' order by n.title) from task_dependency d join task n on n.id = d.needs_id
         where d.task_id = task.id)) as fields
     from task where id = $1 for no key update`,
    [id],
  );
  return rows[0];
}

/** Fields in the order in which their changes are told. */
const told = ["status", "assignee", "due", "priority", "title", "labels", "needs", "archived", "description"];

function difference(before: Current, after: Current): FieldChange[] {
  return told.flatMap((field) => {
    const [from, to] = [before.fields[field] ?? null, after.fields[field] ?? null];
    if (from === to) return [];
    return [field === "description" ? { field, from: null, to: null } : { field, from, to }];
  });
}

/** What a change is called by what is of most interest in it. */
function eventOf(changes: readonly FieldChange[]): TaskEvent {
  const of = (field: string) => changes.some((change) => change.field === field);
  if (of("status")) return "moved";
  return of("assignee") ? "assigned" : "changed";
}

/** Halfway between its neighbours to be; at the end of the column when it is to stand before none. */
async function placeIn(
  tx: Transaction,
  { project, status, before, id }: { project: string; status: string; before: string | null | undefined; id: string },
): Promise<string> {
  // Two moves at once to the same place would get the same number.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('knowledge board ' || $1, 0))", [project]);
  const { rows } = await tx.query<{ place: string | null; known: boolean }>(
    `select case when $3::uuid is null then coalesce(max(t.place), 0) + 1
       else (b.place + coalesce(max(t.place) filter (where t.place < b.place), b.place - 2)) / 2 end as place,
       $3::uuid is null or b.place is not null as known
     from (select 1) one left join task b on b.id = $3 and b.project_id = $1 and b.status = $2
       left join task t on t.project_id = $1 and t.status = $2 and t.id <> $4
     group by b.place`,
    [project, status, before, id],
  );
  if (!rows[0]?.known) throw new ApiError("INVALID", "The task it should stand before is not in that column.");
  return rows[0].place as string;
}

/** @throws ApiError INVALID for a task of another project, itself, or one that needs this one */
async function link(tx: Transaction, project: string, id: string, needs: readonly string[]): Promise<void> {
  const wanted = [...new Set(needs)];
  if (wanted.includes(id)) throw new ApiError("INVALID", "A task cannot need itself.");
  // One at a time a project: two changes, each without a cycle, could make one together.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('knowledge needs ' || $1, 0))", [project]);
  const known = await tx.query("select from task where project_id = $1 and id = any ($2)", [project, wanted]);
  if (known.rowCount !== wanted.length) throw new ApiError("INVALID", "A task can only need tasks of its own project.");
  await tx.query("delete from task_dependency where task_id = $1 and needs_id <> all ($2)", [id, wanted]);
  await tx.query(
    "insert into task_dependency (project_id, task_id, needs_id) select $1, $2, unnest($3::uuid[]) on conflict do nothing",
    [project, id, wanted],
  );
  const cycle = await tx.query<{ title: string }>(
    `with recursive walk as (
       select needs_id from task_dependency where task_id = $1
       union select d.needs_id from walk w join task_dependency d on d.task_id = w.needs_id
     ) select t.title from walk join task t on t.id = walk.needs_id where walk.needs_id = $1`,
    [id],
  );
  if (cycle.rowCount) throw new ApiError("INVALID", "Its needs go in a circle: one of them needs this task.");
}

function tell(tx: Transaction, what: "added" | "moved", id: string, project: string, status: string): void {
  emit(tx, { topic: `knowledge.task-${what}`, key: id, payload: { project, status } });
}

function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such task.");
}
