import { Type } from "typebox";
import { describedAs } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { activityOf } from "../projects/activity.ts";
import { addComment, changeComment, removeComment } from "../projects/comments.ts";
import {
  ActivityTold,
  CommentGiven,
  CommentTold,
  Due,
  Status,
  TaskChange,
  TaskGiven,
  TaskTold,
} from "../projects/schemas.ts";
import { addTask, changeTask, findTasks, readTask, removeTask } from "../projects/tasks.ts";
import { ById } from "../schemas.ts";

const { changes, makes, reads, removes } = describedAs("projects");

const Wanted = Type.Object({
  status: Type.Optional(Status),
  assignee: Type.Optional(Type.String({ maxLength: 120 })),
  words: Type.Optional(Type.String({ maxLength: 200 })),
  archived: Type.Optional(Type.Boolean()),
  dueBy: Type.Optional(Due),
  ready: Type.Optional(Type.Boolean({ description: "Only those that can be begun." })),
});

/** Tasks of projects, on their board. */
export function taskRoutes(on: Knowledge): void {
  const { app, tell } = on;

  app.get(
    "/api/knowledge/projects/:id/tasks",
    reads("Tasks in the order of the board", Type.Array(TaskTold), { params: ById, querystring: Wanted }),
    ({ identity, params, query }) => findTasks(on, identity, { project: params.id, ...query }),
  );

  app.post(
    "/api/knowledge/projects/:id/tasks",
    makes("Add a task", TaskTold, { params: ById, body: TaskGiven }),
    async ({ identity, params, body }, reply) => {
      const task = await addTask(on, identity, params.id, body);
      tell(identity, { project: params.id });
      return reply.code(201).send(task);
    },
  );

  app.get("/api/knowledge/tasks/:id", reads("One task", TaskTold, { params: ById }), ({ identity, params }) =>
    readTask(on, identity, params.id),
  );

  app.patch(
    "/api/knowledge/tasks/:id",
    changes("Change or move a task", TaskTold, { params: ById, body: TaskChange }),
    async ({ identity, params, body }) => {
      const task = await changeTask(on, identity, params.id, body);
      tell(identity, { project: task.project });
      return task;
    },
  );

  app.delete(
    "/api/knowledge/tasks/:id",
    removes("Delete a task", { params: ById }),
    async ({ identity, params }, reply) => {
      tell(identity, { project: await removeTask(on, identity, params.id) });
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/knowledge/tasks/:id/activity",
    reads("What happened to a task and what was said about it, the oldest first", Type.Array(ActivityTold), {
      params: ById,
    }),
    ({ identity, params }) => activityOf(on, identity, params.id),
  );

  app.post(
    "/api/knowledge/tasks/:id/comments",
    makes("Comment on a task", CommentTold, { params: ById, body: CommentGiven }),
    async ({ identity, params, body }, reply) => {
      const { id, project } = await addComment(on, identity, params.id, body.text);
      tell(identity, { project });
      return reply.code(201).send({ id });
    },
  );

  app.patch(
    "/api/knowledge/comments/:id",
    changes("Change one's comment", CommentTold, { params: ById, body: CommentGiven }),
    async ({ identity, params, body }) => {
      const { id, project } = await changeComment(on, identity, params.id, body.text);
      tell(identity, { project });
      return { id };
    },
  );

  app.delete(
    "/api/knowledge/comments/:id",
    removes("Delete one's comment", { params: ById }),
    async ({ identity, params }, reply) => {
      const { project } = await removeComment(on, identity, params.id);
      tell(identity, { project });
      return reply.code(204).send(null);
    },
  );
}
