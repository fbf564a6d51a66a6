import type { Pool } from "pg";
import { Type } from "typebox";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import type { Identity } from "../authentication.ts";

export const stepsPath = "/api/platform/feed/steps";

/** Lets a person put the first steps of an organisation away, for themselves and on every device. */
export function serveDismissal(app: App, owner: Pool): void {
  app.delete(
    stepsPath,
    {
      auth: {},
      schema: { tags: ["platform"], summary: "Put the first steps away", response: { 204: Type.Null() } },
    },
    async ({ identity: { organisation, person } }, reply) => {
      if (!person) throw new ApiError("FORBIDDEN", "Only a person has first steps.");
      await owner.query(
        `insert into devflow.first_steps_dismissed (organisation_id, person_id) values ($1, $2) on conflict do nothing`,
        [organisation, person],
      );
      return reply.code(204).send(null);
    },
  );
}

export async function dismissedSteps(owner: Pool, { organisation, person }: Identity): Promise<boolean> {
  if (!person) return false;
  const { rowCount } = await owner.query({
    name: "devflow.first-steps",
    text: "select from devflow.first_steps_dismissed where organisation_id = $1 and person_id = $2",
    values: [organisation, person],
  });
  return rowCount === 1;
}
