import { type Static, Type } from "typebox";
import type { App } from "../app.ts";
import type { Identity } from "../authentication.ts";

/** Kinds of things that people look for by name, in the order in which they are shown. */
export const kinds = ["project", "task", "document", "person", "repository", "source", "page", "key"] as const;
export type Kind = (typeof kinds)[number];

/** Something with a name and a page of its own. */
export const Found = Type.Object({
  kind: Type.Enum([...kinds]),
  id: Type.String(),
  title: Type.String(),
  detail: Type.Optional(Type.String({ description: "What tells it from others of its name." })),
  path: Type.String({ description: "Page of the dashboard, or a whole address elsewhere." }),
});
export type Found = Static<typeof Found>;

/** Of one kind, at most. */
export const mostOfKind = 5;

/** Things of a service whose name holds the words; only those that the identity may see. */
export type Find = (app: App, identity: Identity, words: string) => Promise<Found[]>;

export interface OfferedFind {
  service: string;
  app: App;
  find: Find;
}

const offered = new WeakMap<object, OfferedFind[]>();

export function offerFind(app: App, service: string, find: Find | undefined): void {
  if (find) offered.set(app.server, [...findsOf(app), { service, app, find }]);
}

export function findsOf(app: App): readonly OfferedFind[] {
  return offered.get(app.server) ?? [];
}
