import pg from "pg";
import { Type } from "typebox";
import { connected, Server, setPassword } from "./postgres-server.ts";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  server: Server,
  name: Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}$" }),
  password: Type.String({ minLength: 16 }),
  /** The password before, while both are to be valid; else empty. */
  previous: Type.Optional(Type.String()),
  extensions: Type.Array(Type.String()),
  makesRoles: Type.Optional(Type.Boolean()),
  connections: Type.Optional(Type.Integer({ minimum: 1 })),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  database: string;
  /** Role to log in as. */
  user: string;
}

/**
 * A database, the role that owns it and its extensions, each observed first.
 *
 * PostgreSQL keeps one password a role. So that nobody is shut out while a password is rotated, there are two roles to log
 * in as, the owner and one that acts as the owner, and each new password goes to the one that is not in use. The former
 * one is shut when `previous` is empty again.
 */
export const postgresDatabase: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  replaceOn: ["name"],
  preview: ({ name }) => ({ database: name }),
  identify: ({ name }) => name,
  async create(inputs) {
    await ensure(inputs, inputs.name);
    return { id: inputs.name, outputs: { database: inputs.name, user: inputs.name } };
  },
  async update(_id, inputs, old) {
    const active = old.outputs.user ?? inputs.name;
    const rotates = inputs.previous && inputs.password !== old.inputs.password;
    const user = rotates ? otherLogin(inputs.name, active) : active;
    await ensure(inputs, user);
    return { database: inputs.name, user };
  },
  /** A server that does not answer says nothing about the database; one that refuses its owner does. */
  async read(_id, inputs, outputs) {
    const { password, name: database } = inputs;
    const found = { database, user: outputs.user ?? database };
    try {
      await connected({ ...inputs.server, user: found.user, password }, database, async () => {});
      return found;
    } catch (error) {
      const refusals = ["28P01", "28000", "3D000"];
      return refusals.includes((error as { code?: string }).code ?? "") ? undefined : found;
    }
  },
  async delete(_id, inputs) {
    await connected(inputs.server, "postgres", async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(inputs.name)} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(secondLogin(inputs.name))}`);
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(inputs.name)}`);
    });
  },
};

/** The second role to log in as. */
export function secondLogin(name: string): string {
  return `${name}__2`;
}

function otherLogin(name: string, login: string): string {
  return login === name ? secondLogin(name) : name;
}

async function ensure(inputs: Inputs, user: string): Promise<void> {
  const name = pg.escapeIdentifier(inputs.name);
  await connected(inputs.server, "postgres", async (client) => {
    const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [inputs.name]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN`);
    await joinOwner(client, inputs.name);
    await client.query(`ALTER ROLE ${name} ${inputs.makesRoles ? "CREATEROLE" : "NOCREATEROLE"}`);
    if (user !== inputs.name) await ensureSecondLogin(client, inputs.name);
    await setPassword(client, user, inputs.password);
    if (!inputs.previous) await shut(client, otherLogin(inputs.name, user));
    const database = await client.query("SELECT FROM pg_database WHERE datname = $1", [inputs.name]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await client.query(`ALTER DATABASE ${name} CONNECTION LIMIT ${inputs.connections ?? -1}`);
    await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  });
  await connected(inputs.server, inputs.name, async (client) => {
    for (const extension of inputs.extensions) {
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${pg.escapeIdentifier(extension)}`);
    }
  });
}

/**
 * A cloud's administrator is no superuser: it may give a database to a role only when it can act as that role, and a role
 * that it makes does not let it by itself.
 */
async function joinOwner(client: pg.Client, name: string): Promise<void> {
  const able = await client.query("SELECT pg_has_role($1, 'USAGE') AND pg_has_role($1, 'SET') AS able", [name]);
  if (able.rows[0]?.able) return;
  await client.query(`GRANT ${pg.escapeIdentifier(name)} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`);
}

/** Whoever logs in with it acts as the owner: what is made belongs to the owner. */
async function ensureSecondLogin(client: pg.Client, name: string): Promise<void> {
  const login = secondLogin(name);
  const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [login]);
  const [second, owner] = [pg.escapeIdentifier(login), pg.escapeIdentifier(name)];
  if (role.rowCount === 0) await client.query(`CREATE ROLE ${second} LOGIN`);
  await client.query(`GRANT ${owner} TO ${second} WITH INHERIT TRUE, SET TRUE`);
  await client.query(`ALTER ROLE ${second} SET role = ${pg.escapeLiteral(name)}`);
}

/** Without a password nobody logs in by one; those who are in stay in. */
async function shut(client: pg.Client, login: string): Promise<void> {
  const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [login]);
  if (role.rowCount) await client.query(`ALTER ROLE ${pg.escapeIdentifier(login)} PASSWORD NULL`);
}
