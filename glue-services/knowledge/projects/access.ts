import { ApiError } from "../../kit/index.ts";
import { projectsContract, type Role, type Who } from "../../projects/contract.ts";
import type { Knowledge } from "../knowledge.ts";
import { keep } from "./follow.ts";

export type { Who };

/** What reading and changing what is in projects needs of the service. */
export type Hub = Pick<Knowledge, "app" | "database">;

/** Ids of the projects that somebody may see now. */
export function visible({ app }: Hub, who: Who): Promise<string[]> {
  return app.use(projectsContract).visible({ who });
}

/** @throws ApiError NOT_FOUND, FORBIDDEN, or CONFLICT for a change of what is archived */
export async function demand({ app, database }: Hub, who: Who, project: string, role: Role): Promise<void> {
  const found = await app.use(projectsContract).demand({ who, project, role });
  const { rowCount } = await database.query(who, {
    name: "knowledge.project-there",
    text: "select from project where id = $1",
    values: [found.id],
  });
  // The event that tells of a new one may be on its way still.
  if (rowCount === 0) await database.withTenant(who, (tx) => keep({ ...found, project: found.id }, tx));
}

/**
 * Refuses whoever may not work on what is in a project.
 *
 * @param missing how it says that there is no such thing, to somebody who may not know of the project
 * @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT
 */
export async function demandWithin({ app }: Hub, who: Who, project: string, missing: () => ApiError): Promise<void> {
  await app
    .use(projectsContract)
    .demand({ who, project, role: "member" })
    .catch((error: unknown) => {
      throw error instanceof ApiError && error.code === "NOT_FOUND" ? missing() : error;
    });
}
