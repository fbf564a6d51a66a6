import { Type } from "typebox";
import type { App } from "../../kit/index.ts";
import { createFollowers } from "../logs/followers.ts";
import { readLog, searchLog } from "../logs/search.ts";
import { administrator } from "./administrator.ts";

const Params = Type.Object({ process: Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" }) });
const Line = Type.Object({ n: Type.Integer(), text: Type.String() });
const Log = Type.Object({
  life: Type.String({ description: "Line numbers of another life mean other lines." }),
  lines: Type.Array(Line),
});
const Query = Type.Object({
  q: Type.String({ minLength: 1, maxLength: 200 }),
  limit: Type.Integer({ minimum: 1, maximum: 2000, default: 500 }),
});
const Matches = Type.Object({ lines: Type.Array(Type.String()), found: Type.Integer(), searched: Type.Integer() });

/** The supervisor answers at most this many lines. */
const most = 99_999;

/** Logs of processes. New lines are told on the topic `platform.logs/<process>` as `{life, lines}`. */
export function logRoutes(app: App, options: { supervisor: string | undefined }): void {
  const tags = ["platform"];
  const followers = createFollowers(app, { supervisor: options.supervisor, role: administrator.role });
  const path = "/api/platform/processes/:process/log";

  app.get(
    path,
    { auth: administrator, schema: { tags, summary: "End of a log", params: Params, response: { 200: Log } } },
    async ({ params }) => {
      const { life, lines } = await followers.read(params.process);
      return { life, lines: lines() };
    },
  );
  app.get(
    `${path}/search`,
    {
      auth: administrator,
      schema: { tags, summary: "Lines of a log", params: Params, querystring: Query, response: { 200: Matches } },
    },
    async ({ params, query }) => searchLog(options.supervisor, params.process, { query: query.q, limit: query.limit }),
  );
  app.get(
    `${path}/download`,
    {
      auth: administrator,
      config: { organisationInAddress: true },
      schema: { tags, summary: "A log as a file", params: Params },
    },
    async ({ params }, reply) =>
      reply
        .type("text/plain; charset=utf-8")
        .header("content-disposition", `attachment; filename="${params.process}.log"`)
        .send(await readLog(options.supervisor, params.process, most)),
  );
}
