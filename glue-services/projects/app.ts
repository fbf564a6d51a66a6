import { type App, type Service, subscription } from "../kit/index.ts";
import { projectsAnswers } from "./answers.ts";
import { noteAnswer } from "./changes.ts";
import { projectsContract } from "./contract.ts";
import { feed, find } from "./feed.ts";
import { forgetThoseWhoLeft } from "./members.ts";
import { answer, PartAnswer } from "./parts.ts";
import { partRoutes } from "./routes/parts.ts";
import { projectRoutes } from "./routes/projects.ts";

/** The unit that all products share: organisation, project, environment. */
export function projects(): Service {
  let mounted: App | undefined;
  const app = () => {
    if (!mounted) throw new Error("The service is not mounted yet.");
    return mounted;
  };
  /** Tells open pages that something changed, without saying of which project: not everyone may know of it. */
  const tell = (organisation: string) => app().live.publish("projects", {}, { organisation });
  return {
    name: "projects",
    migrations: new URL("migrations/", import.meta.url),
    feed,
    find,
    subscriptions: [
      subscription({
        name: "projects.note-answer",
        topic: `*.${answer}`,
        payload: PartAnswer,
        async handle({ topic, payload, organisation }, tx) {
          await noteAnswer(tx, { topic, ...payload });
          if (organisation !== undefined) tx.commit.after(() => tell(organisation));
        },
      }),
      forgetThoseWhoLeft(app),
    ],
    register(own) {
      mounted = own;
      const { database } = own;
      own.live.topic("projects", {
        authorise: ({ scopes }) => scopes.includes("*") || scopes.includes("projects:read"),
      });
      own.provide(projectsContract, projectsAnswers(database, tell));
      projectRoutes(own, tell);
      partRoutes(own, tell);
    },
  };
}
