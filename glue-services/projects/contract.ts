import { type Static, Type } from "typebox";
import { ApiError, type App, emit, type Subscription, subscription, type Transaction } from "../kit/index.ts";
import { administers } from "./access.ts";
import type { Fact, ProjectChange, ProjectGiven, ProjectShown, Role, Who } from "./schemas.ts";

// What other services may use of projects: import this file and nothing else of it.

export type { Fact, ProjectShown, Role, Who };

export interface Projects {
  /** Ids of the projects that somebody may see now, for lists that are filtered by them. */
  visible(who: Who): Promise<string[]>;
  /** Ids of the projects that somebody may not know of. */
  hidden(who: Who): Promise<string[]>;
  /**
   * The project, when somebody has at least this role in it now. Whatever is more than to look needs it active.
   *
   * @param project its id or slug
   * @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT
   */
  demand(who: Who, project: string, role: Role): Promise<ProjectShown>;
  create(who: Who, given: ProjectGiven): Promise<ProjectShown>;
  /** Renames and describes it. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
  change(who: Who, project: string, change: ProjectChange): Promise<ProjectShown>;
  /** Nothing happens to one that is archived, or not, already. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
  archive(who: Who, project: string, archived: boolean): Promise<ProjectShown>;
  /** Begins its deletion, which ends when every service has removed its part. @throws ApiError NOT_FOUND, FORBIDDEN */
  remove(who: Who, project: string): Promise<void>;
}

const known = new WeakMap<object, Projects>();

/** @throws ApiError UNAVAILABLE on a host without the service. Ask when a request comes: services register one by one */
export function projectsOf(app: App): Projects {
  const projects = known.get(app.server);
  if (projects) return projects;
  throw new ApiError("UNAVAILABLE", "This host knows no projects.", { hint: "Its service `projects` is not mounted." });
}

export function provideProjects(app: App, projects: Projects): void {
  known.set(app.server, projects);
}

/** Ids of the projects of which somebody may not know, for lists in which not everything is of a project. */
export async function hiddenProjects(app: App, who: Who): Promise<string[]> {
  return administers(who) ? [] : projectsOf(app).hidden(who);
}

/** What an event of a project says. Key: the project's id. */
export const ProjectEvent = Type.Object({
  project: Type.String(),
  /** The change that it is part of. */
  change: Type.String(),
  name: Type.String(),
  slug: Type.String(),
  description: Type.String(),
});
export type ProjectEvent = Static<typeof ProjectEvent>;

/** Topics by the change they are part of. `projects.deleted` comes when all services have removed their parts. */
export const topics = {
  create: "projects.created",
  rename: "projects.renamed",
  archive: "projects.archived",
  restore: "projects.restored",
  delete: "projects.deleting",
} as const;
export const deleted = "projects.deleted";

/** Last part of the topic by which every service answers. */
export const answer = "project-part";
export const PartAnswer = Type.Object({
  change: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
  /** What is still to be done; without it the part is done. */
  remaining: Type.Optional(Type.String()),
});

/** Does a service's part, as often as it is asked. `later`: it will answer itself, by `answerPart`. */
export type Part = (event: ProjectEvent, tx: Transaction) => Promise<"later" | unknown>;

/** What a service does with its parts of a project. Whoever has any removes them: a deletion waits for that. */
export interface Parts {
  created?: Part;
  renamed?: Part;
  archived?: Part;
  restored?: Part;
  removed: Part;
}

/** Subscriptions by which a service takes part in what is done to projects; each is answered in its own transaction. */
export function projectParts(service: string, parts: Parts): Subscription[] {
  const take = (name: string, topic: string, part: Part | undefined) => {
    if (!part) return [];
    return subscription({
      name: `${service}.project-${name}`,
      topic,
      payload: ProjectEvent,
      async handle({ payload }, tx) {
        if ((await part(payload, tx)) === "later") return;
        answerPart(tx, service, payload);
      },
    }) as Subscription;
  };
  return [
    take("created", topics.create, parts.created),
    take("renamed", topics.rename, parts.renamed),
    take("archived", topics.archive, parts.archived),
    take("restored", topics.restore, parts.restored),
    take("removed", topics.delete, parts.removed),
    // Whoever was let in a moment before may have made something meanwhile.
    subscription({
      name: `${service}.project-deleted`,
      topic: deleted,
      payload: ProjectEvent,
      handle: ({ payload }, tx) => parts.removed(payload, tx),
    }) as Subscription,
  ].flat();
}

/** Says that a service's part is done, or what is still to be done. */
export function answerPart(
  tx: Transaction,
  service: string,
  { project, change }: Pick<ProjectEvent, "project" | "change">,
  remaining?: string,
): void {
  emit(tx, { topic: `${service}.${answer}`, key: project, payload: { change, ...(remaining && { remaining }) } });
}

/** What a service says of a project on its page, to somebody who may see the project; it looks after its own scopes. */
export type Tells = (who: Who, project: string) => Promise<Fact[]>;

const telling = new WeakMap<object, { service: string; tells: Tells }[]>();

export function tellOfProjects(app: App, service: string, tells: Tells): void {
  telling.set(app.server, [...tellersOf(app), { service, tells }]);
}

export function tellersOf(app: App): readonly { service: string; tells: Tells }[] {
  return telling.get(app.server) ?? [];
}
