import type pg from "pg";
import { expect } from "vitest";
import type { Database, Service } from "../../../glue-services/kit/index.ts";
import { projects } from "../../../glue-services/projects/app.ts";
import type { ChangeShown, ProjectShown } from "../../../glue-services/projects/schemas.ts";
import { type Built, build, person } from "../build.ts";

export type Person = ReturnType<typeof person>;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer as a test looks at it: any field of it. */
// biome-ignore lint/suspicious/noExplicitAny: what is looked at differs from test to test.
type Answered = any;

export interface Rig extends Built {
  me: Person;
  /** Of the service. */
  pool: pg.Pool;
  database: Database;
  answer(method: Method, path: string, body?: object, who?: Person): Promise<{ status: number; body: Answered }>;
  /** The answer's body. @throws Error for what is no success */
  ask<Result>(method: Method, path: string, body?: object, who?: Person): Promise<Result>;
  create(name: string, more?: object, who?: Person): Promise<ProjectShown>;
  changes(project: string, who?: Person): Promise<ChangeShown[]>;
  /** What services have not done yet of what runs for a project. */
  left(project: string): Promise<string[]>;
  /** Somebody else in the same organisation. */
  colleague(scopes?: readonly string[]): Person;
}

export const worker = ["projects:read", "projects:write"];

/** The service with others, and somebody who administers their organisation. */
export async function startProjects(
  services: readonly Service[] = [],
  options: Parameters<typeof build>[1] & { me?: Person } = {},
): Promise<Rig> {
  const { me = person(), ...rest } = options;
  let database: Database | undefined;
  const service = projects();
  const spied: Service = {
    ...service,
    register(app) {
      database = app.database;
      return service.register(app);
    },
  };
  const built = await build([spied, ...services], {
    rateLimits: { anonymous: 1e9, known: 1e9, failures: 1e9 },
    ...rest,
  });
  if (!database) throw new Error("The service was not mounted.");
  const rig: Rig = {
    ...built,
    ...{ me, database, pool: database.pool },
    async answer(method, path, body, who = me) {
      const { statusCode, body: text } = await built.app.inject({
        method,
        url: `/api/projects${path}`,
        headers: who.headers,
        ...(body && { payload: body }),
      });
      return { status: statusCode, body: text === "" ? undefined : JSON.parse(text) };
    },
    async ask(method, path, body, who) {
      const { status, body: told } = await rig.answer(method, path, body, who);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(told)}`);
      return told;
    },
    create: (name, more = {}, who) => rig.ask<ProjectShown>("POST", "", { name, ...more }, who),
    changes: (project, who) => rig.ask<ChangeShown[]>("GET", `/${project}/changes`, undefined, who),
    async left(project) {
      const { status, body } = await rig.answer("GET", `/${project}/changes`);
      if (status === 404) return [];
      expect(status).toBe(200);
      return (body as ChangeShown[]).flatMap(({ kind, state, parts }) =>
        state === "done"
          ? []
          : parts
              .filter((part) => part.state !== "done")
              .map((part) => [kind, part.service, part.state, part.remaining].filter(Boolean).join(" ")),
      );
    },
    colleague: (scopes = worker) => person({ organisation: me.identity.organisation, scopes }),
  };
  return rig;
}
