import { Type } from "typebox";
import { addJob, type Job, job, type Subscription, subscription } from "../../kit/index.ts";
import { accessChanged } from "../access.ts";
import { type GiteaAccess, setAccess } from "./gitea.ts";

const Payload = Type.Object({ person: Type.String({ pattern: "^[0-9a-f-]{36}$" }) });

/** Keeps Gitea's accounts in step with who may do anything here. */
export function followInGitea(gitea: GiteaAccess): { jobs: Job[]; subscriptions: Subscription[] } {
  const align = job({
    name: "identity.gitea-access",
    payload: Payload,
    async run({ person }, { database, signal }) {
      // Looked up now, not when the event was written: the last of several changes is what counts.
      const { rows } = await database.pool.query(
        'select from "user" u where u.id = $1 and not u.disabled and exists (select from member m where m."userId" = u.id)',
        [person],
      );
      await setAccess(gitea, person, rows.length > 0, signal);
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
