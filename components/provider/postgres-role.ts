import pg from "pg";
import { Type } from "typebox";
import { connected, Server, setPassword } from "./postgres-server.ts";
import type { ResourceProvider } from "./provider.ts";

const Name = Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}$" });

const Inputs = Type.Object({
  server: Server,
  name: Name,
  password: Type.String({ minLength: 16 }),
  memberOf: Type.Array(Name),
});
type Inputs = Type.Static<typeof Inputs>;

/** A role that logs in and owns nothing, so that it can go when it is no longer wanted. */
export const postgresRole: ResourceProvider<Inputs, { user: string }> = {
  inputs: Inputs,
  replaceOn: ["name"],
  preview: ({ name }) => ({ user: name }),
  identify: ({ name }) => name,
  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.name, outputs: { user: inputs.name } };
  },
  async update(_id, inputs) {
    await ensure(inputs);
    return { user: inputs.name };
  },
  async read(name, { server }) {
    try {
      return await connected(server, "postgres", async (client) => {
        const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
        return role.rowCount ? { user: name } : undefined;
      });
    } catch {
      // A server that does not answer says nothing about the role.
      return { user: name };
    }
  },
  async delete(name, { server }) {
    await connected(server, "postgres", async (client) => {
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(name)}`);
    });
  },
};

async function ensure({ server, name, password, memberOf }: Inputs): Promise<void> {
  const role = pg.escapeIdentifier(name);
  await connected(server, "postgres", async (client) => {
    const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`);
    await setPassword(client, name, password);
    const { rows } = await client.query<{ name: string }>(
      `SELECT granted.rolname AS name FROM pg_auth_members
       JOIN pg_roles granted ON granted.oid = roleid JOIN pg_roles member ON member.oid = member
       WHERE member.rolname = $1`,
      [name],
    );
    const has = rows.map((row) => row.name);
    for (const other of memberOf.filter((one) => !has.includes(one))) {
      await client.query(`GRANT ${pg.escapeIdentifier(other)} TO ${role}`);
    }
    for (const other of has.filter((one) => !memberOf.includes(one))) {
      await client.query(`REVOKE ${pg.escapeIdentifier(other)} FROM ${role}`);
    }
  });
}
