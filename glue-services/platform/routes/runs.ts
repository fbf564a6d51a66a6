import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { listRuns, readRun } from "../runs/read.ts";
import { RunDetail, RunSummary } from "../runs/schemas.ts";
import { administrator } from "./administrator.ts";

const Query = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }) });
const Params = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** What the installer did, and does: runs of up, down and destroy. */
export function runRoutes(app: App, options: { runs: string | undefined }): void {
  const tags = ["platform"];
  app.get(
    "/api/platform/runs",
    {
      auth: administrator,
      schema: { tags, summary: "Runs, newest first", querystring: Query, response: { 200: Type.Array(RunSummary) } },
    },
    async ({ query }) => listRuns(options.runs, query.limit),
  );
  app.get(
    "/api/platform/runs/:id",
    { auth: administrator, schema: { tags, summary: "One run", params: Params, response: { 200: RunDetail } } },
    async ({ params }) => {
      const run = await readRun(options.runs, params.id);
      if (!run) throw new ApiError("NOT_FOUND", `There is no run ${params.id}.`);
      return run;
    },
  );
}
