import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { ClientBase } from "pg";

/** A service's own login: it owns nothing, has no way around row-level security, and reaches only its own schema. */
export interface ServiceRole {
  user: string;
  password: string;
}

/**
 * Makes the role and schema of a service, or corrects them; runs before the service's migrations. The password follows
 * from the owner's, so that it is stored nowhere, every host knows it, and it changes when the owner's does.
 *
 * @throws Error when the owner may not create roles
 */
export async function ensureServiceRole(owner: ClientBase, service: string, secret: string): Promise<ServiceRole> {
  const { rows } = await owner.query<{ database: string }>("select current_database() as database");
  const user = roleName(String(rows[0]?.database), service);
  const password = createHmac("sha256", secret).update(`role ${user}`).digest("base64url");
  const role = owner.escapeIdentifier(user);
  const { rowCount } = await owner.query("select from pg_roles where rolname = $1", [user]);
  try {
    // The server only ever sees a verifier: the password itself can reach none of its logs.
    const verifier = owner.escapeLiteral(await scramVerifier(password));
    await owner.query(`${rowCount === 0 ? "create" : "alter"} role ${role} login password ${verifier}`);
  } catch (error) {
    if ((error as { code?: string }).code !== "42501") throw error;
    throw new Error(
      "The database's owner may not create the services' roles. As an administrator run: alter role <owner> createrole",
      { cause: error },
    );
  }
  const schema = owner.escapeIdentifier(service);
  await owner.query(`
    grant connect on database ${owner.escapeIdentifier(String(rows[0]?.database))} to ${role};
    create schema if not exists ${schema};
    grant usage on schema ${schema}, devflow to ${role};
    alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role};
    alter default privileges in schema ${schema} grant usage, select on sequences to ${role}`);
  return { user, password };
}

/** Roles belong to the whole server, so the database is part of the name. */
export function roleName(database: string, service: string): string {
  return `${database}_${service}`;
}

/** What PostgreSQL stores of a password: RFC 5803. */
async function scramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16);
  const iterations = 4096;
  const salted = await promisify(pbkdf2)(password, salt, iterations, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${hmac("Server Key").toString("base64")}`;
}
