import { type Static, Type } from "typebox";
import { emit, type Subscription, subscription, type Transaction } from "../kit/index.ts";
import { State } from "./schemas.ts";

/**
 * What an event of a project says: the whole project as it was made by the change. Key: the project's id. Events of
 * different topics may come in any order, and one that failed comes again later: of two, that of the greater revision is
 * how the project is.
 */
export const ProjectEvent = Type.Object({
  project: Type.String(),
  /** The change that it is part of. */
  change: Type.String(),
  name: Type.String(),
  slug: Type.String(),
  description: Type.String(),
  state: State,
  revision: Type.Integer(),
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

/**
 * What a service does with its parts of a project. Whoever has any removes them: a deletion waits for that. Whoever keeps
 * more than the id keeps the revision with it, ignores what is older, and makes nothing anew of a project that it removed.
 */
export interface Parts {
  created?: Part;
  renamed?: Part;
  archived?: Part;
  restored?: Part;
  removed: Part;
}

/** Subscriptions by which a service takes part in what is done to projects; each is answered in its own transaction. */
export function projectParts(service: string, parts: Parts): Subscription[] {
  const take = (name: string, topic: string, part: Part | undefined): Subscription[] => {
    if (!part) return [];
    const one = subscription({
      name: `${service}.project-${name}`,
      topic,
      payload: ProjectEvent,
      async handle({ payload }, tx) {
        if ((await part(payload, tx)) === "later") return;
        answerPart(tx, service, payload);
      },
    });
    return [one];
  };
  return [
    ...take("created", topics.create, parts.created),
    ...take("renamed", topics.rename, parts.renamed),
    ...take("archived", topics.archive, parts.archived),
    ...take("restored", topics.restore, parts.restored),
    ...take("removed", topics.delete, parts.removed),
    // Whoever was let in a moment before may have made something meanwhile.
    subscription({
      name: `${service}.project-deleted`,
      topic: deleted,
      payload: ProjectEvent,
      handle: ({ payload }, tx) => parts.removed(payload, tx),
    }),
  ];
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
