import { Type } from "typebox";
import { type App, describedAs } from "../../kit/index.ts";
import { findProjects, lockProject, manage, readProject } from "../access.ts";
import { askAgain, findChanges, giveUp } from "../changes.ts";
import { archiveProject, changeProject, createProject, removeProject } from "../projects.ts";
import { ByProject, ChangeShown, ProjectChange, ProjectGiven, ProjectShown, Wanted } from "../schemas.ts";

const { changes, makes, reads } = describedAs("projects");

const ByService = Type.Object({ ...ByProject.properties, service: Type.String({ pattern: "^[a-z][a-z_]{0,39}$" }) });

/** Projects, and what is done to them in all services. */
export function projectRoutes(app: App, tell: (organisation: string) => void): void {
  const { database } = app;
  const telling = async <Result>({ organisation }: { organisation: string }, work: Promise<Result>) => {
    const done = await work;
    tell(organisation);
    return done;
  };

  app.get(
    "/api/projects",
    reads("Projects that one may see, by name", Type.Array(ProjectShown), { querystring: Wanted }),
    ({ identity, query }) => findProjects(database, identity, query),
  );

  app.post(
    "/api/projects",
    makes("Create a project; whoever does is its owner", ProjectShown, { body: ProjectGiven }),
    async ({ identity, body }, reply) =>
      reply.code(201).send(await telling(identity, createProject(database, identity, body))),
  );

  app.get("/api/projects/:project", reads("One project", ProjectShown, { params: ByProject }), ({ identity, params }) =>
    readProject(database, identity, params.project),
  );

  app.patch(
    "/api/projects/:project",
    changes("Rename, describe or open a project", ProjectShown, { params: ByProject, body: ProjectChange }),
    ({ identity, params, body }) => telling(identity, changeProject(database, identity, params.project, body)),
  );

  app.post(
    "/api/projects/:project/archive",
    changes("Archive a project: what is in it stays and takes no changes", ProjectShown, { params: ByProject }),
    ({ identity, params }) => telling(identity, archiveProject(database, identity, params.project, true)),
  );

  app.post(
    "/api/projects/:project/restore",
    changes("Restore an archived project", ProjectShown, { params: ByProject }),
    ({ identity, params }) => telling(identity, archiveProject(database, identity, params.project, false)),
  );

  const removal = makes("Delete a project with all that services keep of it", ChangeShown, { params: ByProject });
  app.delete(
    "/api/projects/:project",
    { ...removal, schema: { ...removal.schema, response: { 202: ChangeShown } } },
    async ({ identity, params }, reply) =>
      reply.code(202).send(await telling(identity, removeProject(database, identity, params.project))),
  );

  app.get(
    "/api/projects/:project/changes",
    reads("What was and is done to a project, with who has not finished", Type.Array(ChangeShown), {
      params: ByProject,
    }),
    async ({ identity, params }) => {
      const { id } = await readProject(database, identity, params.project);
      return findChanges(database, identity, { project: id });
    },
  );

  app.post(
    "/api/projects/:project/retry",
    changes("Ask again who failed or did not answer", Type.Array(ChangeShown), { params: ByProject }),
    async ({ identity, params }) => {
      const id = await database.withTenant(identity, async (tx) => {
        const states = ["active", "archived", "deleting"] as const;
        const found = await lockProject(tx, identity, params.project, { role: "maintainer", states });
        await askAgain(tx, found);
        return found.id;
      });
      return findChanges(database, identity, { project: id });
    },
  );

  const forgoing = changes("Wait no longer for a service", Type.Array(ChangeShown), { params: ByService });
  app.delete(
    "/api/projects/:project/parts/:service",
    { ...forgoing, auth: { scope: manage } },
    async ({ identity, params }) => {
      const id = await database.withTenant(identity, async (tx) => {
        const states = ["active", "archived", "deleting"] as const;
        const found = await lockProject(tx, identity, params.project, { role: "owner", states });
        await giveUp(tx, found, params.service);
        return found.id;
      });
      tell(identity.organisation);
      return findChanges(database, identity, { project: id });
    },
  );
}
