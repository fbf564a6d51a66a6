import type { App, Database } from "../kit/index.ts";
import { readProject } from "./access.ts";
import { tellersOf } from "./contract.ts";
import type { ActivityShown, Fact, Who } from "./schemas.ts";

/** Milliseconds that one service may take; the page shows what the others say. */
const patience = 3000;

/** What every product says of a project, and which could not. @throws ApiError NOT_FOUND */
export async function overviewOf(app: App, who: Who, project: string): Promise<{ facts: Fact[]; silent: string[] }> {
  const { id } = await readProject(app.database, who, project);
  const silent: string[] = [];
  const facts = await Promise.all(
    tellersOf(app).map(({ service, tells }) =>
      within(tells(who, id)).catch((error: unknown) => {
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

async function within<Told>(told: Promise<Told>): Promise<Told> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${patience} ms.`)), patience);
  });
  try {
    return await Promise.race([told, late]);
  } finally {
    clearTimeout(timer);
  }
}
