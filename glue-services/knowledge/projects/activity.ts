import { audit, type Transaction } from "../../kit/index.ts";
import type { Hub, Who } from "./access.ts";
import type { ActivityTold, TaskEvent } from "./schemas.ts";
import { readTask } from "./tasks.ts";

/** What a field of a task was and is. Of long texts only that they changed. */
export interface FieldChange {
  field: string;
  from: string | null;
  to: string | null;
}

/** Entries that are shown; a task that has more shows its newest. */
const most = 200;

/** Writes down what happened to a task: for the task itself, the overview and the audit log alike. */
export async function note(
  tx: Transaction,
  event: TaskEvent,
  task: { id: string; project: string; title: string },
  more: { changes?: readonly FieldChange[]; comment?: string } = {},
): Promise<void> {
  await audit(tx, {
    action: `task.${event}`,
    target: task.id,
    name: task.title,
    details: { page: `/projects/${task.project}?task=${task.id}`, ...more },
  });
}

/** What happened to a task and what was said about it, the oldest first. @throws ApiError NOT_FOUND */
export async function activityOf(on: Hub, who: Who, task: string): Promise<ActivityTold[]> {
  await readTask(on, who, task);
  const { rows } = await on.database.query<Omit<ActivityTold, "at"> & { at: Date }>(who, {
    name: "knowledge.activity",
    text: `select * from (
        select a.id::text, a.at, substr(a.action, 6) as event,
          jsonb_build_object('person', a.person_id, 'name', a.person_name, 'program', a.credential_name) as who,
          coalesce(a.details -> 'changes', '[]') as changes,
          case when c.id is not null then jsonb_build_object('id', c.id, 'text', c.text, 'edited', c.changed_at is not null,
            'own', c.made_by is not null and c.made_by = devflow.person()) end as comment
        from devflow.audit a left join task_comment c on c.id = (a.details ->> 'comment')::uuid
        where a.organisation_id = devflow.organisation() and a.target = $1::text and a.service = 'knowledge'
          and a.action like 'task.%'
        order by a.at desc, a.id desc limit $2
      ) newest order by at, id::bigint`,
    values: [task, most],
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
