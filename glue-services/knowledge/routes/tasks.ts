import { Type } from "typebox";
import type { Knowledge } from "../knowledge.ts";
import { Status, TaskChange, TaskGiven, TaskTold } from "../projects/schemas.ts";
import { addTask, changeTask, findTasks, readTask, removeTask } from "../projects/tasks.ts";
import { ById } from "../schemas.ts";
import { changes, makes, reads, removes } from "./described.ts";

const Wanted = Type.Object({
  status: Type.Optional(Status),
  assignee: Type.Optional(Type.String({ maxLength: 120 })),
  words: Type.Optional(Type.String({ maxLength: 200 })),
  archived: Type.Optional(Type.Boolean()),
  ready: Type.Optional(Type.Boolean({ description: "Only those that can be begun." })),
});

/** Tasks of projects, on their board. */
export function taskRoutes({ app, database, tell }: Knowledge): void {
  app.get(
    "/api/knowledge/projects/:id/tasks",
    reads("Tasks in the order of the board", Type.Array(TaskTold), { params: ById, querystring: Wanted }),
    ({ identity, params, query }) => findTasks(database, identity, { project: params.id, ...query }),
  );

  app.post(
    "/api/knowledge/projects/:id/tasks",
    makes("Add a task", TaskTold, { params: ById, body: TaskGiven }),
    async ({ identity, params, body }, reply) => {
      const task = await addTask(database, identity, params.id, body);
      tell(identity, { project: params.id });
      return reply.code(201).send(task);
    },
  );

  app.get("/api/knowledge/tasks/:id", reads("One task", TaskTold, { params: ById }), ({ identity, params }) =>
    readTask(database, identity, params.id),
  );

  app.patch(
    "/api/knowledge/tasks/:id",
    changes("Change or move a task", TaskTold, { params: ById, body: TaskChange }),
    async ({ identity, params, body }) => {
      const task = await changeTask(database, identity, params.id, body);
      tell(identity, { project: task.project });
      return task;
    },
  );

  app.delete(
    "/api/knowledge/tasks/:id",
    removes("Delete a task", { params: ById }),
    async ({ identity, params }, reply) => {
      tell(identity, { project: await removeTask(database, identity, params.id) });
      return reply.code(204).send(null);
    },
  );
}
