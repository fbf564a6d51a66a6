import { type Find, type Found, holds, mostOfKind } from "../kit/index.ts";

/** Members of the organisation by name or address, and its keys by name. */
export const find: Find = async (app, identity, words) => {
  const ask = async (scope: string, text: string, values: unknown[]): Promise<Found[]> => {
    if (!holds(identity, scope)) return [];
    return (await app.database.query<Found>(identity, { text, values: [words, mostOfKind, ...values] })).rows;
  };
  const found = await Promise.all([
    ask(
      "people:read",
      `select 'person' as kind, u.id, u.name as title, u.email as detail, '/people?open=' || u.id as path
       from member m join "user" u on u.id = m."userId"
       where m."organizationId" = $3 and position(lower($1) in lower(u.name || ' ' || u.email)) > 0
       order by u.name limit $2`,
      [identity.organisation],
    ),
    ask(
      "keys:read",
      `select 'key' as kind, id, name as title, start as detail, '/keys' as path from api_key
       where revoked_at is null and position(lower($1) in lower(name)) > 0 order by created_at desc limit $2`,
      [],
    ),
  ]);
  return found
    .flat()
    .map((one) => (one.kind === "key" ? { ...one, path: `/keys?q=${encodeURIComponent(one.title)}` } : one));
};
