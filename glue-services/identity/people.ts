import type { Transaction } from "../kit/index.ts";
import type { Auth } from "./auth.ts";
import { reserved } from "./reserved.ts";

export interface NewPerson {
  name: string;
  email: string;
  password: string;
}

/** Adds a person with a password, in the caller's transaction. @returns the id */
export async function addPerson(tx: Transaction, auth: Auth, person: NewPerson): Promise<string> {
  const { password } = await auth.$context;
  const hash = await password.hash(person.password);
  const { rows } = await tx.query<{ id: string }>(
    `insert into "user" (name, email, "emailVerified", username) values ($1, $2, true, $3) returning id`,
    [person.name.trim(), person.email.trim().toLowerCase(), await freeUsername(tx, person.email)],
  );
  const id = String(rows[0]?.id);
  await tx.query(
    `insert into account ("accountId", "providerId", "userId", password, "updatedAt") values ($1::uuid::text, 'credential', $1::uuid, $2, now())`,
    [id, hash],
  );
  return id;
}

export async function addMember(tx: Transaction, organisation: string, person: string, roles: string[]): Promise<void> {
  await tx.query(
    `insert into member ("organizationId", "userId", role, "createdAt") values ($1, $2, $3, now())
     on conflict ("organizationId", "userId") do nothing`,
    [organisation, person, roles.join(",")],
  );
}

/**
 * A name that is valid for Git hosting and nobody's yet, from the part of the address before the @. It never changes and
 * is never somebody's choice: other programs know people by it.
 */
async function freeUsername(tx: Transaction, email: string): Promise<string> {
  const base =
    email
      .toLowerCase()
      .replace(/@.*$/, "")
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 30) || "person";
  const { rows } = await tx.query<{ username: string }>(
    'select username from "user" where username = $1 or username like $2',
    [base, `${base}-%`],
  );
  const taken = new Set([...reserved, ...rows.map(({ username }) => username)]);
  if (!taken.has(base)) return base;
  for (let at = 2; ; at++) if (!taken.has(`${base}-${at}`)) return `${base}-${at}`;
}
