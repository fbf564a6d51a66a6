import type { Pool } from "pg";
import { Type } from "typebox";
import type { App } from "../app.ts";
import { readAudit } from "../audit/read.ts";
import type { Identity } from "../authentication.ts";
import { offered } from "../contract/offered.ts";
import { within } from "../contract/within.ts";
import { demandZone, TimeZone } from "../time-zone.ts";
import { dismissedSteps, serveDismissal } from "./dismissed.ts";
import { Change, holds, Need, type OfferedFeed, type Step, steps } from "./feed.ts";

export const feedPath = "/api/platform/feed";

/** Milliseconds that one service may take; the overview shows what the others say. */
const patience = 5000;
/** Changes that are shown. */
const most = 30;
const rank = { failed: 0, degraded: 1, waiting: 2 };
const signingIn = new Set(["session.begun", "session.ended", "session.revoked"]);

const StepName = Type.Unsafe<Step>(Type.Union(steps.map((step) => Type.Literal(step))));
const FeedShown = Type.Object({
  needs: Type.Array(Need),
  changes: Type.Array(Change),
  steps: Type.Array(Type.Object({ step: StepName, done: Type.Boolean() })),
  silent: Type.Array(Type.String(), { description: "Services that could not say." }),
});

/** What waits for a person, what changed, and which first steps are done: of all services, in one answer. */
export function serveFeed(app: App, owner: Pool): void {
  serveDismissal(app, owner);
  app.get(
    feedPath,
    {
      auth: {},
      schema: {
        tags: ["platform"],
        querystring: Type.Object({ tz: Type.Optional(TimeZone) }),
        summary: "What waits for a person and what changed, of all services",
        response: { 200: FeedShown },
      },
    },
    async ({ identity, query: { tz = "UTC" } }) => {
      demandZone(tz);
      const { feeds, silent: unheard } = await offered(app);
      const silent = new Set(unheard);
      const ask = <Told>(told: (one: OfferedFeed) => Promise<Told> | undefined): Promise<Told[]> =>
        Promise.all(
          feeds.map((one) =>
            within(patience, { what: one.service }, async () => told(one)).catch((error: unknown) => {
              silent.add(one.service);
              app.log.warn({ err: error, service: one.service }, "a service has nothing to say for the overview");
              return undefined;
            }),
          ),
        ).then((all) => all.filter((one) => one !== undefined));
      const [needs, changes, done, audited, dismissed] = await Promise.all([
        ask(({ app, feed }) => feed.needs?.(app, identity, { tz })),
        ask(({ app, feed }) => feed.changes?.(app, identity)),
        ask(({ app, feed }) => feed.steps?.(app, identity)),
        ofAudit(owner, identity),
        dismissedSteps(owner, identity),
      ]);
      const known: Partial<Record<Step, boolean>> = Object.assign({}, ...done);
      return {
        needs: needs.flat().sort((a, b) => rank[a.state] - rank[b.state]),
        changes: [...audited, ...changes.flat()].sort((a, b) => b.at.localeCompare(a.at)).slice(0, most),
        steps: dismissed
          ? []
          : steps.flatMap((step) => (known[step] === undefined ? [] : [{ step, done: known[step] }])),
        silent: [...silent],
      };
    },
  );
}

async function ofAudit(owner: Pool, identity: Identity): Promise<Change[]> {
  if (!holds(identity, "audit:view")) return [];
  const platform = identity.roles.includes("platform-administrator");
  const entries = await readAudit(owner, { organisation: identity.organisation, platform }, { limit: 100 });
  return entries
    .filter(({ action }) => !signingIn.has(action))
    .slice(0, most)
    .map(({ id, at, action, target, person, by, details }) => ({
      id: `audit ${id}`,
      at,
      action,
      target,
      who: person?.name ?? by ?? "The platform",
      path: pageOf(details) ?? `/audit?open=${id}`,
    }));
}

/** The page of what an entry is about, where it names one of ours. */
function pageOf({ page }: Record<string, unknown>): string | undefined {
  return typeof page === "string" && /^\/(?!\/)/.test(page) ? page : undefined;
}
