import { Type } from "typebox";
import type { GiteaAccount } from "../../code/contract.ts";
import { addJob, type Job, job, type Subscription, subscription } from "../../kit/index.ts";
import { accessChanged, hasAccess } from "../access.ts";
import { setAccess } from "./gitea.ts";

const Payload = Type.Object({
  person: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
  /** The change left them nothing, whatever came after it. Events written before this was told have none. */
  ended: Type.Optional(Type.Boolean()),
});

/** Keeps Gitea's accounts in step with who may do anything here. */
export function followInGitea(gitea: GiteaAccount): { jobs: Job[]; subscriptions: Subscription[] } {
  const align = job({
    name: "identity.gitea-access",
    payload: Payload,
    async run({ person, ended = false }, { database, signal }) {
      // Looked up now, not when the event was written: the last of several changes is what counts.
      const { rowCount } = await database.pool.query(hasAccess, [person]);
      await setAccess(gitea, person, { allowed: rowCount === 1, ended }, signal);
    },
    attempts: 20,
    timeout: 60,
    queue: "gitea-access",
    // Somebody who was shut out must not stay in until a crawl ends.
    urgent: true,
  });
  const follow = subscription({
    name: "identity.gitea",
    topic: accessChanged,
    payload: Payload,
    handle: ({ payload }, tx) => addJob(tx, align, payload),
  });
  return { jobs: [align as unknown as Job], subscriptions: [follow as unknown as Subscription] };
}
