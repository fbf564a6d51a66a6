import type { IncomingMessage, ServerResponse } from "node:http";
import type { TSchema } from "typebox";
import { DevflowError } from "../../components/error.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import { ProcessSpec } from "../../components/provider/process.ts";
import { LogsQuery, type SupervisorVersion, WaitQuery } from "./api.ts";
import type { Rotations } from "./log-reading.ts";
import { sendEvents, sendLog } from "./streams.ts";
import type { Supervisor } from "./supervisor.ts";
import { refuseUnusableProbe } from "./usable-probe.ts";

/** What the routes work on. */
export interface Served {
  supervisor: Supervisor;
  paths: StackPaths;
  rotations: Rotations;
  version(): SupervisorVersion;
  /** Ends the daemon once the answer is on its way. */
  exit(): void;
}

/** One request, validated. `gone` is aborted when the client hangs up. */
export interface Call {
  name: string;
  query: Record<string, string>;
  body: unknown;
  gone: AbortSignal;
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Route {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** After the version prefix; `:name` stands for a process name. */
  path: string;
  query?: TSchema;
  body?: TSchema;
  /** Returns the body of the answer; undefined when it has answered by itself. */
  handle(call: Call, served: Served): Promise<object | undefined>;
}

const longestWait = 60_000;

export const routes: Route[] = [
  { method: "GET", path: "/ping", handle: async () => ({ ok: true }) },
  { method: "GET", path: "/version", handle: async (_, { version }) => version() },
  {
    method: "GET",
    path: "/processes",
    handle: (_, { supervisor }) => supervisor.list(),
  },
  { method: "GET", path: "/processes/:name", handle: ({ name }, { supervisor }) => supervisor.get(name) },
  {
    method: "PUT",
    path: "/processes/:name",
    body: ProcessSpec,
    handle: async ({ name, body }, { supervisor }) => {
      const spec = body as ProcessSpec;
      if (spec.name !== name) throw usage(`The specification is of ${spec.name}, the address of ${name}.`);
      if (name === "supervisor")
        throw usage("A process cannot be named supervisor: its log would be the supervisor's.");
      refuseUnusableProbe(spec.ready);
      return await supervisor.put(spec);
    },
  },
  { method: "DELETE", path: "/processes/:name", handle: ({ name }, { supervisor }) => supervisor.remove(name) },
  {
    method: "GET",
    path: "/processes/:name/ready",
    query: WaitQuery,
    handle: ({ name, query, gone }, { supervisor }) =>
      supervisor.wait(name, Math.min(Number(query.timeout ?? longestWait), longestWait), gone),
  },
  {
    method: "POST",
    path: "/processes/:name/restart",
    handle: async ({ name }, { supervisor }) => ({ status: await supervisor.restart(name) }),
  },
  {
    method: "POST",
    path: "/processes/:name/start",
    handle: async ({ name }, { supervisor }) => ({ status: await supervisor.start(name) }),
  },
  {
    method: "POST",
    path: "/processes/:name/stop",
    handle: async ({ name }, { supervisor }) => ({ status: await supervisor.stop(name) }),
  },
  {
    method: "POST",
    path: "/stop-all",
    handle: async (_, { supervisor, exit }) => {
      const stopped = await supervisor.stopAll("stopped");
      exit();
      return { stopped };
    },
  },
  {
    method: "POST",
    path: "/detach",
    handle: async (_, { supervisor, exit }) => {
      await supervisor.detach();
      exit();
      return { detached: supervisor.names() };
    },
  },
  { method: "GET", path: "/events", handle: sendEvents },
  { method: "GET", path: "/logs/:name", query: LogsQuery, handle: sendLog },
];

function usage(message: string): DevflowError {
  return new DevflowError("USAGE", message, { hint: "This is a mistake in the program that asked." });
}
