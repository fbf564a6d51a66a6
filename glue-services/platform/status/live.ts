import type { App } from "../../kit/index.ts";
import type { Status } from "../schemas.ts";

export const statusTopic = "platform.status";

/** Milliseconds between two looks, and how long a look is wanted after a listener last showed itself. */
const every = 2000;
const interest = 10_000;

/** Publishes the status while somebody listens, whenever anything but its time has changed. Everyone signed in may hear it. */
export function publishStatus(app: App, read: () => Promise<Status>): void {
  let wanted = Number.NEGATIVE_INFINITY;
  let last = "";
  app.live.topic(statusTopic, {
    shared: true,
    here: true,
    // Asked at each subscription and every few seconds after it, so that nothing is read for nobody.
    authorise() {
      wanted = performance.now();
      return true;
    },
  });
  const timer = setInterval(async () => {
    if (performance.now() - wanted > interest) return;
    const status = await read();
    const { checkedAt: _, ...rest } = status;
    const now = JSON.stringify(rest);
    if (now === last) return;
    last = now;
    app.live.publish(statusTopic, status);
  }, every);
  app.addHook("preClose", async () => clearInterval(timer));
}
