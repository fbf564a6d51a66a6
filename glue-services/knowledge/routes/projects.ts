import { Type } from "typebox";
import { describedAs } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { addProject, changeProject, findProjects, readProject, removeProject } from "../projects/projects.ts";
import { ProjectChange, ProjectGiven, ProjectTold } from "../projects/schemas.ts";
import { ById } from "../schemas.ts";

const { changes, makes, reads, removes } = describedAs("projects");

const Wanted = Type.Object({
  words: Type.Optional(Type.String({ maxLength: 200 })),
  archived: Type.Optional(Type.Boolean()),
});

/** Projects; their documents and tasks have routes of their own. */
export function projectRoutes(on: Knowledge): void {
  const { app, tell } = on;

  app.get(
    "/api/knowledge/projects",
    reads("Projects, the last changed first", Type.Array(ProjectTold), { querystring: Wanted }),
    ({ identity, query }) => findProjects(on, identity, query),
  );

  app.post(
    "/api/knowledge/projects",
    makes("Begin a project", ProjectTold, { body: ProjectGiven }),
    async ({ identity, body }, reply) => {
      const project = await addProject(on, identity, body);
      tell(identity, { project: project.id });
      return reply.code(201).send(project);
    },
  );

  app.get("/api/knowledge/projects/:id", reads("One project", ProjectTold, { params: ById }), ({ identity, params }) =>
    readProject(on, identity, params.id),
  );

  app.patch(
    "/api/knowledge/projects/:id",
    changes("Change a project", ProjectTold, { params: ById, body: ProjectChange }),
    async ({ identity, params, body }) => {
      const project = await changeProject(on, identity, params.id, body);
      tell(identity, { project: params.id });
      return project;
    },
  );

  app.delete(
    "/api/knowledge/projects/:id",
    removes("Delete a project with its documents and tasks; its sources stay", { params: ById }),
    async ({ identity, params }, reply) => {
      await removeProject(on, identity, params.id);
      tell(identity, { project: params.id });
      return reply.code(204).send(null);
    },
  );
}
