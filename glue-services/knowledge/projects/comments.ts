import { ApiError, type Transaction } from "../../kit/index.ts";
import type { Hub, Who } from "./access.ts";
import { note } from "./activity.ts";
import { touchProject } from "./projects.ts";
import { demandTask } from "./tasks.ts";

/** Says something about a task. Answers the task's project. @throws ApiError NOT_FOUND */
export async function addComment(on: Hub, who: Who, task: string, text: string): Promise<Commented> {
  await demandTask(on, who, task);
  return on.database.withTenant(who, async (tx) => {
    const { rows } = await tx.query<{ id: string; project: string; title: string }>(
      "select id, project_id as project, title from task where id = $1",
      [task],
    );
    const [found] = rows;
    if (!found) throw new ApiError("NOT_FOUND", "There is no such task.");
    await touchProject(tx, found.project);
    const made = await tx.query<{ id: string }>(
      "insert into task_comment (task_id, text) values ($1, $2) returning id",
      [task, text.trim()],
    );
    const id = made.rows[0]?.id as string;
    await note(tx, "commented", found, { comment: id });
    return { id, project: found.project };
  });
}

export interface Commented {
  id: string;
  project: string;
}

/** @throws ApiError NOT_FOUND, FORBIDDEN for a comment of somebody else */
export async function changeComment(on: Hub, who: Who, id: string, text: string): Promise<Commented> {
  await demandComment(on, who, id);
  return on.database.withTenant(who, async (tx) => {
    const project = await demandOwn(tx, id);
    await tx.query("update task_comment set text = $2, changed_at = now() where id = $1", [id, text.trim()]);
    return { id, project };
  });
}

/** That something was said, and by whom, stays; what was said goes. @throws ApiError NOT_FOUND, FORBIDDEN */
export async function removeComment(on: Hub, who: Who, id: string): Promise<Commented> {
  await demandComment(on, who, id);
  return on.database.withTenant(who, async (tx) => {
    const project = await demandOwn(tx, id);
    await tx.query("delete from task_comment where id = $1", [id]);
    return { id, project };
  });
}

/** Refuses whoever may not work on its task's project any more. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
async function demandComment(on: Hub, who: Who, id: string): Promise<void> {
  const { rows } = await on.database.query<{ task: string }>(who, {
    text: "select task_id as task from task_comment where id = $1",
    values: [id],
  });
  if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such comment.");
  await demandTask(on, who, rows[0].task);
}

async function demandOwn(tx: Transaction, id: string): Promise<string> {
  const { rows } = await tx.query<{ project: string; own: boolean }>(
    `select t.project_id as project, c.made_by is not null and c.made_by = devflow.person() as own
     from task_comment c join task t on t.id = c.task_id where c.id = $1 for update of c`,
    [id],
  );
  if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such comment.");
  if (rows[0].own) return rows[0].project;
  throw new ApiError("FORBIDDEN", "A comment is changed and deleted by whoever wrote it.", {
    hint: "Write a comment of your own.",
  });
}
