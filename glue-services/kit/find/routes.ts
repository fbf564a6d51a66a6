import { Type } from "typebox";
import type { App } from "../app.ts";
import { offered } from "../contract/offered.ts";
import { within } from "../contract/within.ts";
import { Found, kinds } from "./find.ts";

/** Milliseconds that one service may take; what the others found is shown without it. */
const patience = 2000;

/** People, projects, tasks, repositories, pages and keys by a part of their name, of all services in one answer. */
export function serveFind(app: App): void {
  app.get(
    "/api/platform/find",
    {
      auth: {},
      schema: {
        tags: ["platform"],
        summary: "Things whose name holds the words, of all services",
        querystring: Type.Object({ q: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: { 200: Type.Array(Found) },
      },
    },
    async ({ identity, query: { q } }) => {
      const found = await Promise.all(
        (await offered(app)).finds.map(async ({ service, app: own, find }) => {
          try {
            return await within(patience, { what: service }, () => find(own, identity, q.trim()));
          } catch (error) {
            app.log.warn({ err: error, service }, "a service found nothing because it failed");
            return [];
          }
        }),
      );
      return found.flat().sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
    },
  );
}
