import { randomBytes } from "node:crypto";
import type { ClientBase, Pool } from "pg";
import type { Prepared, Service } from "../service.ts";
import { type Budget, boundsOf, divide } from "./budget.ts";
import { openDatabase } from "./database.ts";
import { migrate, readMigrations, withMigrationLock } from "./migrate.ts";
import { createPool, type PoolOptions } from "./pool.ts";
import { ensureServiceRole, type ServiceRole } from "./role.ts";

/** The kit's own tables: events, jobs, what tenancy needs. */
const own = new URL("../migrations/", import.meta.url);

/**
 * Brings the database up to date for these services, one host at a time, and opens a pool for each as its own role.
 *
 * @param budget connections that each pool opens at most: when they are needed, and closed when they are not
 * @throws Error when a migration fails; what was there before keeps working
 */
export async function prepareDatabases(
  owner: Pool,
  options: PoolOptions,
  services: readonly Service[],
  budget: Budget = divide(boundsOf(services.length).most, services.length),
): Promise<Prepared[]> {
  const stored = services.filter((service) => service.migrations);
  if (stored.length === 0) return services.map((service) => ({ service, database: undefined }));
  const roles = await ensureAll(owner, stored);
  return Promise.all(
    services.map(async (service) => {
      const role = roles.get(service.name);
      if (!role) return { service, database: undefined };
      const shared = { ...options, ...role, searchPath: `${service.name},public` };
      const pool = await createPool({ ...shared, name: `devflow ${service.name}`, max: budget.requests });
      const name = `devflow ${service.name} background`;
      const background = await createPool({ ...shared, name, max: budget.background });
      return { service, database: openDatabase(service.name, pool, background) };
    }),
  );
}

async function ensureAll(owner: Pool, services: readonly Service[]): Promise<Map<string, ServiceRole>> {
  const roles = new Map<string, ServiceRole>();
  const client = await owner.connect();
  try {
    await withMigrationLock(client, async () => {
      await migrate(client, "devflow", await readMigrations(own));
      if (services.some((service) => service.jobs?.length)) await prepareJobs(owner);
      for (const service of services) {
        roles.set(service.name, await ensureServiceRole(client, service.name, secretOf(client)));
        await migrate(client, service.name, await readMigrations(service.migrations as URL));
      }
    });
  } finally {
    // Its settings are those of migrations, so it does not go back into the pool.
    client.release(true);
  }
  return roles;
}

async function prepareJobs(pgPool: Pool): Promise<void> {
  const { Logger, runMigrations } = await import("graphile-worker");
  await runMigrations({ pgPool, logger: new Logger(() => () => {}) });
}

/** The password this connection was made with. A server that trusts everyone needs none, so any will do. */
function secretOf(client: ClientBase): string {
  const { password } = client as unknown as { password?: unknown };
  return typeof password === "string" && password !== "" ? password : randomBytes(32).toString("hex");
}
