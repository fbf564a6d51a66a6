import { Type } from "typebox";
import { addJob, job, type Service } from "../../../glue-services/kit/index.ts";
import { answerPart, type Part, projectParts } from "../../../glue-services/projects/parts.ts";

export interface CellarOptions {
  /** What removing a project's barrels waits for, or why it fails. @default nothing */
  removing?: Part;
  created?: Part;
  /** Removes by a job, which tells how much is left after each barrel. @default false */
  slowly?: boolean;
  /** The job waits for this after each barrel. */
  between?: (left: number) => Promise<void>;
}

/** A service that keeps something of projects: barrels, made by the test in its table. */
export function cellar({ removing, created, slowly = false, between }: CellarOptions = {}): Service {
  const empty = job({
    name: "cellar.empty",
    payload: Type.Object({ project: Type.String(), change: Type.String() }),
    async run(event, { database, tenant }) {
      for (;;) {
        const left = await database.withTenant(tenant as { organisation: string }, async (tx) => {
          await tx.query("delete from barrel where id = (select id from barrel where project_id = $1 limit 1)", [
            event.project,
          ]);
          const { rows } = await tx.query<{ left: number }>(
            "select count(*)::int as left from barrel where project_id = $1",
            [event.project],
          );
          const left = rows[0]?.left ?? 0;
          answerPart(tx, "cellar", event, left > 0 ? `${left} barrels` : undefined);
          return left;
        });
        if (left === 0) return;
        await between?.(left);
      }
    },
  });
  return {
    name: "cellar",
    migrations: new URL("migrations/", import.meta.url),
    jobs: [empty],
    subscriptions: projectParts("cellar", {
      ...(created && { created }),
      async removed(event, tx) {
        await removing?.(event, tx);
        if (slowly) {
          await addJob(tx, empty, { project: event.project, change: event.change }, { key: event.project });
          return "later";
        }
        return tx.query("delete from barrel where project_id = $1", [event.project]);
      },
    }),
    register() {},
  };
}
