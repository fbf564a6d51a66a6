import { expect } from "vitest";
import { firstAdministrator, invited, strong, Visitor } from "../identity/platform.ts";
import type { Everything } from "./every-service.ts";
import type { Given } from "./from-schema.ts";
import { plantEverywhere, rowsOf } from "./planting.ts";

export const planted: Given = { word: "planted", id: "00000000-0000-7000-8000-0000000000aa" };
/** What nobody has. */
export const missing: Given = { word: "absent", id: "00000000-0000-7000-8000-000000000000" };

/** An answer without what differs from call to call: its own input, ids and times. */
export function told(answer: { statusCode: number; body: string }, { word }: Given): string {
  const body = answer.body
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+)/g, "<time>")
    .replace(new RegExp(word, "gi"), "<word>");
  return `${answer.statusCode} ${body.replace(/(df[kv]_|#)[\w-]+/g, "<key>")}`;
}

/** A row without what a look at it changes. */
export function lasting(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !/last_used|seen_at/.test(name)));
}

export function uuidsIn(row: Record<string, unknown>): string[] {
  return Object.values(row).filter(
    (one): one is string => typeof one === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(one),
  );
}

/** The owner of another organisation, signed in. */
export async function anotherOwner(on: Everything, ada: Visitor): Promise<Visitor> {
  const { rows } = await on.owner.query<{ id: string }>(
    `insert into identity.organization (name, slug, "createdAt") values ('Other', 'other', now()) returning id`,
  );
  await invited(on, ada, "eve@example.com", ["viewer"]);
  await on.owner.query(
    `update identity.member set "organizationId" = $1, role = 'owner'
     where "userId" = (select id from identity."user" where email = 'eve@example.com')`,
    [rows[0]?.id],
  );
  const eve = new Visitor(on.app);
  await eve.send("POST", "/api/auth/sign-in/email", { email: "eve@example.com", password: strong });
  return eve;
}

/** What the first organisation has, planted through every route: its rows, its ids by service, and who it is. */
export async function plantedOrganisation(on: Everything) {
  const ada = await firstAdministrator(on);
  const dev = await invited(on, ada, "planted-dev@example.com", ["developer"]);
  await plantEverywhere(on, ada, planted);
  const { organisation } = (await ada.send("GET", "/api/identity/me")).json() as { organisation: string };
  const before = await rowsOf(on, organisation);
  const person = ((await dev.send("GET", "/api/identity/me")).json() as { person: string }).person;
  const sessions = (await dev.send("GET", "/api/identity/me/sessions")).json() as { id: string }[];
  const invitations = (await ada.send("GET", "/api/identity/invitations")).json() as { id: string }[];
  const basic = [organisation, person, ...[...sessions, ...invitations].map(({ id }) => id)];
  /** A route takes ids of its own service, or of people, sessions and the like. */
  const idsFor = (service: string) => [
    ...new Set([
      ...basic,
      ...before.filter(({ schema }) => schema === service).flatMap(({ rows }) => rows.flatMap(uuidsIn)),
    ]),
  ];
  const ids = new Set([...basic, ...before.flatMap(({ rows }) => rows.flatMap(uuidsIn))]);
  return { ada, dev, organisation, before, ids, idsFor };
}

/** Fails when a row of the first organisation is not as it was, or one came or went; logs and counts may grow. */
export async function expectUnchanged(
  on: Everything,
  organisation: string,
  before: Awaited<ReturnType<typeof rowsOf>>,
): Promise<void> {
  const after = await rowsOf(on, organisation);
  for (const table of before) {
    const now = after.find(({ schema, name }) => schema === table.schema && name === table.name)?.rows ?? [];
    for (const row of table.rows) expect(now.map(lasting)).toContainEqual(lasting(row));
    if (!/audit|usage|call/.test(table.name)) expect(now.length, table.name).toBe(table.rows.length);
  }
}
