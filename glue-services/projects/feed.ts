import { type Feed, type Find, type Found, mostOfKind, type Need } from "../kit/index.ts";
import { administers, findProjects, holds } from "./access.ts";
import { findChanges } from "./changes.ts";

const words = { create: "set up", rename: "renamed", archive: "archived", restore: "restored", delete: "deleted" };

/** What is done to projects and does not go on by itself. */
export const feed: Feed = {
  async needs(app, identity) {
    const stuck = (await findChanges(app.database, identity, { running: true })).flatMap((change) => {
      const failed = change.parts.filter(({ state }) => state === "failed");
      return failed.length > 0 ? [{ change, failed }] : [];
    });
    if (stuck.length === 0) return [];
    const owned = new Set(
      (await findProjects(app.database, identity, { limit: 1000 }))
        .filter(({ role }) => holds(role, "owner") || administers(identity))
        .map(({ id }) => id),
    );
    return stuck
      .filter(({ change }) => owned.has(change.project))
      .map(
        ({ change, failed }): Need => ({
          id: `project change ${change.id}`,
          state: "failed",
          what: `The project ${change.name} could not be ${words[change.kind]} in ${failed.map(({ service }) => service).join(", ")}`,
          ...(failed[0]?.problem && { why: failed[0].problem }),
          since: change.askedAt,
          path: `/projects/${change.project}`,
          action: "See what is left and try again",
        }),
      );
  },
};

/** Projects by a part of their name or slug. */
export const find: Find = async (app, identity, text) => {
  if (!identity.scopes.includes("*") && !identity.scopes.includes("projects:read")) return [];
  const found = await findProjects(app.database, identity, { words: text, state: "active", limit: mostOfKind });
  return found.map(
    ({ id, name, slug }): Found => ({
      ...{ kind: "project", id, title: name, path: `/projects/${id}` },
      ...(slug !== name && { detail: slug }),
    }),
  );
};
