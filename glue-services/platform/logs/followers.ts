import type { App, Identity } from "../../kit/index.ts";
import { type Follower, follow } from "./follow.ts";

/** The logs that somebody reads at the moment. */
export interface Followers {
  /** @throws ApiError NOT_FOUND, UNAVAILABLE */
  read(process: string): Promise<Follower>;
}

export const logTopic = "platform.logs";

/** Milliseconds a log is followed after somebody last showed interest; listeners show it every few seconds. */
const interest = 15_000;

/** Publishes the new lines of a log to `platform.logs/<process>`, while there are listeners. */
export function createFollowers(app: App, options: { supervisor: string | undefined; role: string }): Followers {
  const followers = new Map<string, { follower: Follower; wanted: number }>();

  app.live.topic(`${logTopic}/*`, {
    shared: true,
    here: true,
    // Asked at each subscription and every few seconds after it, which keeps the log followed.
    authorise(identity: Identity, topic: string) {
      if (!identity.roles.includes(options.role)) return false;
      const one = followers.get(topic.slice(logTopic.length + 1));
      if (one) one.wanted = performance.now();
      return true;
    },
  });

  const sweep = setInterval(() => {
    for (const [process, { follower, wanted }] of followers) {
      if (!follower.ended() && performance.now() - wanted < interest) continue;
      follower.stop();
      followers.delete(process);
    }
  }, interest / 3);
  app.addHook("preClose", async () => {
    clearInterval(sweep);
    for (const { follower } of followers.values()) follower.stop();
  });

  return {
    async read(process) {
      let one = followers.get(process);
      if (!one || one.follower.ended()) {
        const topic = `${logTopic}/${process}`;
        const follower: Follower = follow(options.supervisor, process, (lines) =>
          app.live.publish(topic, { life: follower.life, lines }),
        );
        one = { follower, wanted: performance.now() };
        followers.set(process, one);
      }
      one.wanted = performance.now();
      await one.follower.began;
      return one.follower;
    },
  };
}
