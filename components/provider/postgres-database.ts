import pg from "pg";
import { Type } from "typebox";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  server: Type.Object({ host: Type.String(), port: Type.Integer(), user: Type.String(), password: Type.String() }),
  name: Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}$" }),
  password: Type.String({ minLength: 16 }),
  extensions: Type.Array(Type.String()),
  makesRoles: Type.Optional(Type.Boolean()),
});
type Inputs = Type.Static<typeof Inputs>;

/** A database, the role that owns it and its extensions, each observed first. */
export const postgresDatabase: ResourceProvider<Inputs, { database: string }> = {
  inputs: Inputs,
  replaceOn: ["name"],
  preview: ({ name }) => ({ database: name }),
  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.name, outputs: { database: inputs.name } };
  },
  async update(_id, inputs) {
    await ensure(inputs);
    return { database: inputs.name };
  },
  /** A server that does not answer says nothing about the database; one that refuses its owner does. */
  async read(_id, inputs, outputs) {
    const { name: user, password, name: database } = inputs;
    try {
      await connected({ ...inputs, server: { ...inputs.server, user, password } }, database, async () => {});
      return outputs;
    } catch (error) {
      const refusals = ["28P01", "28000", "3D000"];
      return refusals.includes((error as { code?: string }).code ?? "") ? undefined : outputs;
    }
  },
  async delete(_id, inputs) {
    await connected(inputs, "postgres", async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(inputs.name)} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(inputs.name)}`);
    });
  },
};

async function ensure(inputs: Inputs): Promise<void> {
  const name = pg.escapeIdentifier(inputs.name);
  await connected(inputs, "postgres", async (client) => {
    const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [inputs.name]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN`);
    await client.query(`ALTER ROLE ${name} ${inputs.makesRoles ? "CREATEROLE" : "NOCREATEROLE"}`);
    await setPassword(client, inputs);
    const database = await client.query("SELECT FROM pg_database WHERE datname = $1", [inputs.name]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  });
  await connected(inputs, inputs.name, async (client) => {
    for (const extension of inputs.extensions) {
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${pg.escapeIdentifier(extension)}`);
    }
  });
}

/** The statement carries the password, so it must not reach the server's log should it fail. */
async function setPassword(client: pg.Client, inputs: Inputs): Promise<void> {
  await client.query("BEGIN");
  await client.query("SET LOCAL log_statement = 'none'; SET LOCAL log_min_error_statement = 'panic'");
  const name = pg.escapeIdentifier(inputs.name);
  await client.query(`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(inputs.password)}`);
  await client.query("COMMIT");
}

async function connected<Result>(
  inputs: Inputs,
  database: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...inputs.server, database, connectionTimeoutMillis: 10_000, query_timeout: 60_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
