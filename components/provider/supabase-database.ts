import pg from "pg";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { connected, Server, setPassword } from "./postgres-server.ts";
import type { ResourceProvider } from "./provider.ts";

const Name = Type.String({ pattern: "^[a-z_][a-z0-9_]{0,62}$" });

const Inputs = Type.Object({
  server: Server,
  /** Roles that the image has made, and the password each gets. */
  roles: Type.Record(Name, Type.String({ minLength: 16 })),
  /** Schemas by database; a database that is not there is made. */
  schemas: Type.Record(Name, Type.Array(Name)),
  /** Settings of the database `postgres`. */
  settings: Type.Record(Type.String({ pattern: "^[a-z_]+(\\.[a-z_]+)+$" }), Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

/** What upstream's scripts do at the first start only, done whenever it is not so: passwords can be rotated thereby. */
export const supabaseDatabase: ResourceProvider<Inputs, object> = {
  inputs: Inputs,
  identify: ({ server }) => server.host,
  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.server.host, outputs: {} };
  },
  async update(_id, inputs) {
    await ensure(inputs);
    return {};
  },
  /** The roles are the image's own, and the databases hold data. */
  async delete() {},
};

async function ensure({ server, roles, schemas, settings }: Inputs): Promise<void> {
  const owner = pg.escapeIdentifier(server.user);
  await connected(server, "postgres", async (client) => {
    for (const [role, password] of Object.entries(roles)) {
      const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
      if (found.rowCount === 0) throw missing(role);
      await setPassword(client, role, password);
    }
    for (const database of Object.keys(schemas)) {
      const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${owner}`);
    }
    for (const [name, value] of Object.entries(settings)) {
      await client.query(`ALTER DATABASE postgres SET ${pg.escapeIdentifier(name)} TO ${pg.escapeLiteral(value)}`);
    }
  });
  for (const [database, names] of Object.entries(schemas)) {
    await connected(server, database, async (client) => {
      for (const name of names) {
        await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(name)} AUTHORIZATION ${owner}`);
      }
    });
  }
}

function missing(role: string): DevflowError {
  return new DevflowError("COMPONENT_FAILED", `The runtime's PostgreSQL has no role ${role}, which its image makes.`, {
    hint: "Its first start was cut off before its own migrations ended: see `./devflow logs runtime`.",
  });
}
