import pg from "pg";
import { Type } from "typebox";
import { open, Reach } from "./reach/index.ts";
import { scramVerifier } from "./scram.ts";

/** A PostgreSQL server and who makes databases and roles on it. */
export const Server = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  user: Type.String(),
  password: Type.String(),
  reach: Type.Optional(Reach),
  /**
   * Encrypts. Who answers is not checked: the way there is a tunnel, whose end has another name, and a cloud's databases
   * have certificates of an authority that this machine does not know.
   */
  tls: Type.Optional(Type.Boolean()),
});
export type Server = Type.Static<typeof Server>;

/** Works on a database of the server, as its administrator. */
export async function connected<Result>(
  server: Server,
  database: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const { host, port, user, password, reach, tls } = server;
  await using way = await open(reach, { host, port }, AbortSignal.timeout(30_000));
  const timeouts = { connectionTimeoutMillis: 10_000, query_timeout: 60_000 };
  const ssl = tls ? { rejectUnauthorized: false } : false;
  const client = new pg.Client({ host: way.host, port: way.port, user, password, database, ssl, ...timeouts });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The server never sees the password, so it cannot write it to its log. */
export async function setPassword(client: pg.Client, role: string, password: string): Promise<void> {
  await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`);
}
