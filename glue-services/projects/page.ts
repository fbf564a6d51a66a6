import { type App, type Database, offered } from "../kit/index.ts";
import { readProject } from "./access.ts";
import { factsContract, servicesWithFacts } from "./contract.ts";
import type { ActivityShown, Fact, Who } from "./schemas.ts";

/** What every product says of a project, and which could not. @throws ApiError NOT_FOUND */
export async function overviewOf(app: App, who: Who, project: string): Promise<{ facts: Fact[]; silent: string[] }> {
  const { id } = await readProject(app.database, who, project);
  const { calls, silent: unheard } = await offered(app);
  const silent = [...unheard];
  const asked = { who, project: id };
  const facts = await Promise.all(
    servicesWithFacts(calls).map((service) =>
      app
        .use(factsContract(service))
        .projectFacts(asked)
        .catch((error: unknown) => {
          app.log.warn({ err: error, service }, "a service has nothing to say of a project");
          silent.push(service);
          return [];
        }),
    ),
  );
  return { facts: facts.flat(), silent };
}

/** What was done to a project and in it, the newest first. @throws ApiError NOT_FOUND */
export async function activityOf(database: Database, who: Who, project: string): Promise<ActivityShown[]> {
  const { id } = await readProject(database, who, project);
  const { rows } = await database.query<Omit<ActivityShown, "at"> & { at: Date }>(who, {
    name: "projects.activity",
    text: `select id::text, at, service, action, coalesce(person_name, credential_name) as who, target_name as target
      from devflow.audit where organisation_id = devflow.organisation() and kind = 'change'
        and (target = $1 or details ->> 'project' = $1 or starts_with(details ->> 'page', '/projects/' || $1))
      order by at desc, audit.id desc limit 100`,
    values: [id],
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
