import type { App } from "./app.ts";
import type { Database } from "./database/database.ts";
import type { Subscription } from "./events/subscription.ts";
import { type Feed, offerFeed } from "./feed/feed.ts";
import { type Find, offerFind } from "./find/find.ts";
import type { Job } from "./jobs/job.ts";
import { offerTools, type Tool } from "./tool.ts";

/** One glue service, as data: the host gives it its database, mounts its routes, and runs its subscriptions and jobs. */
export interface Service {
  /** Folder, schema and role of the service, and the first part of the names of its topics, subscriptions and jobs. */
  name: string;
  /** Folder with its numbered SQL files, ending in a slash. A service without one has no database. */
  migrations?: URL;
  subscriptions?: readonly Subscription[];
  jobs?: readonly Job[];
  /** What agents may do with it, by the MCP gateway. */
  tools?: readonly Tool[];
  /** What it adds to the overview: what waits for people, what changed, which first steps are done. */
  feed?: Feed;
  /** Finds its things by their name, for the command palette. */
  find?: Find;
  /** Registers its routes and topics. `app.database` is the service's own. */
  register(app: App): Promise<void> | void;
}

/** A service and its database, when it has one. */
export interface Prepared {
  service: Service;
  database: Database | undefined;
}

/** Registers the service's routes in a scope of their own, where `app.database` is its own. */
export async function mount(app: App, { service, database }: Prepared): Promise<void> {
  await app.register(async (scope) => {
    if (database) scope.decorate("database", database);
    await service.register(scope as App);
    offerTools(scope as App, service.name, service.tools ?? []);
    offerFeed(scope as App, service.name, service.feed);
    offerFind(scope as App, service.name, service.find);
  });
}

declare module "fastify" {
  interface FastifyInstance {
    /** The service's own part of the database. Only a service with migrations has one. */
    database: Database;
  }
}
