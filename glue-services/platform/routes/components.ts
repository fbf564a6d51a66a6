import { Type } from "typebox";
import type { App } from "../../kit/index.ts";
import { readDependencies } from "../status/dependencies.ts";
import { readSettings, Setting } from "../status/settings.ts";
import { callSupervisor } from "../supervisor/call.ts";
import { administrator } from "./administrator.ts";

const Edges = Type.Array(Type.Object({ from: Type.String(), to: Type.String({ description: "What it needs." }) }));
const Settings = Type.Object({
  /** Run that wrote them; null when none has. */
  run: Type.Union([Type.String(), Type.Null()]),
  settings: Type.Array(Setting),
});
const Params = Type.Object({ process: Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" }) });

/** What components need, how they are set up, and how they are steered. */
export function componentRoutes(app: App, options: { supervisor: string | undefined; runs: string | undefined }): void {
  const tags = ["platform"];
  app.get(
    "/api/platform/dependencies",
    { auth: administrator, schema: { tags, summary: "Which component needs which", response: { 200: Edges } } },
    async () => readDependencies(options),
  );
  app.get(
    "/api/platform/settings",
    { auth: administrator, schema: { tags, summary: "Settings and their sources", response: { 200: Settings } } },
    async () => (await readSettings(options.runs)) ?? { run: null, settings: [] },
  );
  for (const action of ["restart", "start", "stop"] as const) {
    app.post(
      `/api/platform/processes/:process/${action}`,
      {
        auth: administrator,
        schema: { tags, summary: `${action} a process`, params: Params, response: { 202: Type.Object({}) } },
      },
      async (request, reply) => {
        const { params } = request;
        await app.audited(request, { action: `process.${action}`, target: params.process });
        const call = callSupervisor(options.supervisor, "POST", `/v1/processes/${params.process}/${action}`);
        // This process cannot wait for its own end, and ends before the supervisor could answer it.
        if (params.process === "platform") void call.then((answer) => answer.resume()).catch(() => {});
        else (await call).resume();
        return reply.code(202).send({});
      },
    );
  }
}
