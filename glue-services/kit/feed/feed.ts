import type { Static } from "typebox";
import { Type } from "typebox";
import type { App } from "../app.ts";
import type { Identity } from "../authentication.ts";

/** Something that waits for a person. */
export const Need = Type.Object({
  id: Type.String({ description: "The same as long as it is the same thing that waits." }),
  state: Type.Union([Type.Literal("failed"), Type.Literal("degraded"), Type.Literal("waiting")]),
  what: Type.String({ description: "What waits, or is not well, in a sentence." }),
  why: Type.Optional(Type.String()),
  since: Type.Optional(Type.String({ format: "date-time" })),
  /** Path of the page where it is dealt with, and what one does there. */
  path: Type.String(),
  action: Type.String(),
});
export type Need = Static<typeof Need>;

/** Something that people did, or that came of it. */
export const Change = Type.Object({
  id: Type.String(),
  at: Type.String({ format: "date-time" }),
  who: Type.String(),
  action: Type.String({ description: "As the audit log has it, or another word of the same form." }),
  target: Type.Union([Type.String(), Type.Null()]),
  path: Type.Optional(Type.String({ description: "Page of the dashboard, or a whole address elsewhere." })),
});
export type Change = Static<typeof Change>;

/** First steps of an organisation, in the order in which they are offered. */
export const steps = ["connect-model", "ask-model", "push", "knowledge", "editor", "invite", "second-factor"] as const;
export type Step = (typeof steps)[number];

/** Where somebody looks from. */
export interface Viewer {
  /** Their time zone, such as Europe/Berlin. */
  tz: string;
}

/** What a service adds to the overview; each is asked with the rights of who looks. */
export interface Feed {
  needs?(app: App, identity: Identity, viewer: Viewer): Promise<Need[]>;
  /** Newest first. */
  changes?(app: App, identity: Identity): Promise<Change[]>;
  /** Steps that this service can tell of, and whether they are done. One that it leaves out is not offered. */
  steps?(app: App, identity: Identity): Promise<Partial<Record<Step, boolean>>>;
}

export interface OfferedFeed {
  service: string;
  app: App;
  feed: Feed;
}

const offered = new WeakMap<object, OfferedFeed[]>();

export function offerFeed(app: App, service: string, feed: Feed | undefined): void {
  if (feed) offered.set(app.server, [...feedsOf(app), { service, app, feed }]);
}

export function feedsOf(app: App): readonly OfferedFeed[] {
  return offered.get(app.server) ?? [];
}

/** Whether somebody holds a scope, for what a feed leaves out otherwise. */
export function holds({ scopes }: Identity, scope: string): boolean {
  return scopes.includes("*") || scopes.includes(scope);
}
