import { Type } from "typebox";
import { type App, describedAs } from "../../kit/index.ts";
import { addEnvironment, listEnvironments, removeEnvironment } from "../environments.ts";
import { listMembers, removeMember, setMember } from "../members.ts";
import { activityOf, overviewOf } from "../page.ts";
import {
  ActivityShown,
  ByProject,
  EnvironmentName,
  EnvironmentShown,
  Fact,
  MemberGiven,
  MemberShown,
} from "../schemas.ts";

const { changes, makes, reads, removes } = describedAs("projects");

const Id = Type.String({ format: "uuid" });
const ByMember = Type.Object({ ...ByProject.properties, person: Id });
const ByEnvironment = Type.Object({ ...ByProject.properties, id: Id });
const EnvironmentGiven = Type.Object({ name: EnvironmentName }, { additionalProperties: false });
const Overview = Type.Object({
  facts: Type.Array(Fact),
  silent: Type.Array(Type.String(), { description: "Services that could not say." }),
});

/** Members, environments, and what the project's page shows of other products. */
export function partRoutes(app: App, tell: (organisation: string) => void): void {
  const { database } = app;

  app.get(
    "/api/projects/:project/members",
    reads("People who are members of a project by themselves", Type.Array(MemberShown), { params: ByProject }),
    ({ identity, params }) => listMembers(database, identity, params.project),
  );

  app.put(
    "/api/projects/:project/members/:person",
    changes("Add a member, or give one another role", MemberShown, { params: ByMember, body: MemberGiven }),
    async ({ identity, params: { project, person }, body: { role } }) => {
      const member = await setMember(app, identity, project, { person, role });
      tell(identity.organisation);
      return member;
    },
  );

  app.delete(
    "/api/projects/:project/members/:person",
    removes("Remove a member; everybody may leave", { params: ByMember }),
    async ({ identity, params: { project, person } }, reply) => {
      await removeMember(database, identity, project, person);
      tell(identity.organisation);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/projects/:project/environments",
    reads("Environments of a project", Type.Array(EnvironmentShown), { params: ByProject }),
    ({ identity, params }) => listEnvironments(database, identity, params.project),
  );

  app.post(
    "/api/projects/:project/environments",
    makes("Add an environment", EnvironmentShown, { params: ByProject, body: EnvironmentGiven }),
    async ({ identity, params, body }, reply) =>
      reply.code(201).send(await addEnvironment(database, identity, params.project, body.name)),
  );

  app.delete(
    "/api/projects/:project/environments/:id",
    removes("Remove an environment", { params: ByEnvironment }),
    async ({ identity, params }, reply) => {
      await removeEnvironment(database, identity, params.project, params.id);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/projects/:project/overview",
    reads("What every product says of a project", Overview, { params: ByProject }),
    ({ identity, params }) => overviewOf(app, identity, params.project),
  );

  app.get(
    "/api/projects/:project/activity",
    reads("What was done to a project and in it, the newest first", Type.Array(ActivityShown), { params: ByProject }),
    ({ identity, params }) => activityOf(database, identity, params.project),
  );
}
