import type { Pool } from "pg";
import type { App } from "./app.ts";
import type { Prepared } from "./service.ts";

/** Runs the subscriptions and jobs of these services from when the app is ready until it closes. */
export function runInBackground(app: App, owner: Pool, prepared: readonly Prepared[]): void {
  const stored = prepared.flatMap(({ service, database }) => (database ? [{ service, database }] : []));
  const running: { close(): Promise<void> }[] = [];

  app.addHook("onReady", async () => {
    const subscribing = stored.map(({ service, database }) => ({
      database,
      subscriptions: service.subscriptions ?? [],
    }));
    if (subscribing.length > 0) {
      const { startEvents } = await import("./events/start.ts");
      running.push(
        await startEvents({ owner, listener: app.listener, services: subscribing, log: app.log, metrics: app.metrics }),
      );
    }
    const working = stored.map(({ service, database }) => ({ database, jobs: service.jobs ?? [] }));
    if (working.some(({ jobs }) => jobs.length > 0)) {
      const { startJobs } = await import("./jobs/start.ts");
      running.push(await startJobs({ owner, services: working, log: app.log }));
    }
  });

  // Before the pools end, which onClose does.
  app.addHook("preClose", async () => {
    await Promise.all(running.map((one) => one.close()));
  });
}
