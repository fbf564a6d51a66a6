import { createHash, randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { envFileStore } from "../../installer/secrets/env-file.ts";
import type { TestStack } from "./stack.ts";

/** A key of an owner of an organisation of its own, in a file beside the answers. */
export async function makeKey(stack: TestStack, scopes: string[]): Promise<{ file: string; key: string }> {
  const key = `dfk_${randomBytes(32).toString("base64url")}`;
  const file = join(stack.answers, "..", "key");
  await writeFile(file, key, { mode: 0o600 });
  const password = await envFileStore(stack.paths.secrets).get("postgres/superuser");
  const client = new pg.Client({
    host: "127.0.0.1",
    port: stack.port + 2,
    user: "postgres",
    password,
    database: "platform",
  });
  await client.connect();
  const organisation = randomUUID();
  await client.query(
    `insert into identity.organization (id, name, slug, "createdAt") values ($1, 'Test', 'test', now())`,
    [organisation],
  );
  const person = randomUUID();
  await client.query('insert into identity."user" (id, name, email) values ($1, $2, $3)', [
    ...[person, "Test", "test@example.com"],
  ]);
  await client.query(
    `insert into identity.member ("organizationId", "userId", role, "createdAt") values ($1, $2, 'owner', now())`,
    [organisation, person],
  );
  await client.query(
    `insert into identity.api_key (organisation_id, name, start, hash, scopes, created_by)
     values ($1, 'test', 'dfk_', $2, $3, $4)`,
    [organisation, createHash("sha256").update(key).digest(), scopes, person],
  );
  await client.end();
  return { file, key };
}
