import type { Visitor } from "../identity/platform.ts";
import type { Everything, Route } from "./every-service.ts";
import { type Given, value, variants } from "./from-schema.ts";

/** Bodies that a schema alone does not tell, because they name something that must be there. */
const bodies: Record<string, (given: Given) => object> = {
  "POST /api/identity/invitations": ({ word }) => ({ email: `${word}@example.com`, roles: ["viewer"] }),
  "POST /api/identity/keys": ({ word }) => ({ name: word, scopes: [] }),
  "PUT /api/ai/routes/:name": () => ({ targets: [{ model: "local/all-minilm-l6-v2" }] }),
  "PATCH /api/identity/people/:id": () => ({ roles: ["viewer"] }),
};

/** What must not be tried with everybody's session: it would end the session that the others are tried with. */
export const endsSessions = /sign-out|two-factor|passkey|\/me\/(password|sessions|organisation)/;

export function bodiesOf({ method, url, schema }: Route, given: Given): unknown[] {
  const known = bodies[`${method} ${url}`];
  if (known) return [known(given)];
  return schema.body ? variants(schema.body, given) : [undefined];
}

/** The address with its parameters filled in: ids by an id, names by the word. */
export function addressOf({ url, schema }: Route, given: Given): string {
  const { properties = {} } = (schema.params ?? {}) as { properties?: Record<string, object> };
  return url.replace(/:(\w+)|\*/g, (_, name?: string) => {
    const found = name && properties[name] ? value(properties[name], given) : undefined;
    return encodeURIComponent(String(found ?? (name?.endsWith("id") || name === "id" ? given.id : given.word)));
  });
}

/** Every query that a route's schema accepts, with its `?`; the first asks for no more than it must. */
export function queriesOf({ schema }: Route, given: Given): string[] {
  if (!schema.querystring) return [""];
  return variants(schema.querystring, given).map((query) => {
    const parts = new URLSearchParams();
    for (const [name, one] of Object.entries(query as object)) {
      if (one !== undefined) for (const text of [one].flat()) parts.append(name, String(text));
    }
    return parts.size > 0 ? `?${parts}` : "";
  });
}

/**
 * Sends every route that makes something whatever its schema accepts, twice: what needs something that another made
 * first finds it the second time.
 *
 * @throws Error when one needs more connections than there are
 */
export async function plantEverywhere(on: Everything, by: Visitor, given: Given): Promise<void> {
  const makes = on.routes.filter(
    ({ auth, method, url }) => auth !== "public" && /POST|PUT/.test(method) && !endsSessions.test(url),
  );
  for (let round = 0; round < 2; round++) {
    for (const route of makes) {
      for (const body of bodiesOf(route, given)) {
        await by.send(route.method, addressOf(route, given), body as object);
      }
    }
  }
}

/** Tables of the services with rows of an organisation: their rows as text, and what they are known by. */
export async function rowsOf({ owner, schemas }: Everything, organisation: string) {
  const { rows: tables } = await owner.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
     where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition order by 1, 2`,
    [schemas],
  );
  const found = [];
  for (const { schema, name } of tables) {
    const { rows } = await owner.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${schema}."${name}" t where organisation_id = $1`,
      [organisation],
    );
    found.push({ schema, name, rows: rows.map(({ row }) => row) });
  }
  return found;
}
