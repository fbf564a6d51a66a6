import pg from "pg";
import { createPool } from "../../glue-services/kit/database/pool.ts";
import { prepareDatabases } from "../../glue-services/kit/database/prepare.ts";
import { notes } from "./notes/notes.ts";
import type { SharedServer } from "./postgres.ts";

export const owner = { user: "platform", password: "owner-of-tests" };
export const template = "glue_template";

/** The owner is as the installer makes it: no superuser, owner of its database, allowed to make the services' roles. */
export async function makeTemplate(server: SharedServer): Promise<void> {
  await administer(server, async (client) => {
    await client.query(`create role ${owner.user} login createrole createdb password '${owner.password}'`);
    await client.query(`create database ${template} owner ${owner.user}`);
    await client.query(`revoke connect, temporary on database ${template} from public`);
  });
  // As the installer does, for it takes a superuser.
  await administer(server, (client) => client.query("create extension if not exists vector"), template);
  const database = { url: address(server, template) };
  const pool = await createPool({ ...database, pipeline: false });
  // The kit's tables and the queue's: what is slow to make, and the same for every test. The service is not among them.
  await prepareDatabases(pool, database, [
    { ...notes, name: "template", migrations: new URL("./none/", import.meta.url) },
  ]);
  await pool.end();
}

export function address(server: SharedServer, database: string): string {
  return `postgres://${owner.user}:${owner.password}@127.0.0.1:${server.port}/${database}`;
}

/** Runs statements as the superuser, which no product code is. */
export async function administer<Result>(
  server: SharedServer,
  work: (client: pg.Client) => Promise<Result>,
  database = "postgres",
): Promise<Result> {
  const { port, superuser: user, password } = server;
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
