import { expect, test } from "vitest";
import { firstAdministrator, invited } from "../identity/platform.ts";
import { everyService, type Route } from "./every-service.ts";
import { addressOf, bodiesOf, endsSessions, plantEverywhere, rowsOf } from "./planting.ts";

const word = "planted";
const none = "00000000-0000-7000-8000-0000000000aa";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What changes neither access, cost nor secrets, and why. A new route that is not here writes an entry. */
const quiet: Record<string, string> = {
  "POST /api/ai/providers/check": "asks a provider with the key that is given, and keeps nothing",
  "POST /api/ai/providers/:name/check": "asks a provider, and keeps nothing but whether it answered",
  "POST /api/knowledge/ask": "reads; its calls of models are metered",
  "POST /api/knowledge/sources/:id/read": "a source's runs are its own record",
  "POST /api/knowledge/sources/:id/cancel": "a source's runs are its own record",
  "PUT /api/knowledge/files": "content; a source's runs are its own record",
  "POST /api/mcp/servers/:id/try": "lists what a server offers; calls have a log of their own",
  "POST /api/notes": "content of the kit's example",
  "DELETE /api/platform/feed/steps": "one's own page",
};
/** Documents, tasks and comments: content, whose versions and activity say who changed what. */
const content = /^(POST|PATCH|DELETE) \/api\/knowledge\/(projects\/:id\/)?(documents|tasks|comments)\b/;

test("whatever changes access, cost or secrets by any route stands in the audit log, by its request and with a name", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  await invited(on, ada, "planted-dev@example.com", ["developer"]);
  await plantEverywhere(on, ada, { word, id: none });
  const { organisation } = (await ada.send("GET", "/api/identity/me")).json() as { organisation: string };
  const tables = await rowsOf(on, organisation);
  const listed = async (path: string) => ((await ada.send("GET", path)).json() as { id: string }[]).map(({ id }) => id);
  const people = [...(await listed("/api/identity/people")), ...(await listed("/api/identity/invitations"))];
  const idsFor = ({ service, url }: Route) => {
    if (!url.includes(":")) return [none];
    const rows = tables.filter(({ schema }) => schema === service).flatMap((table) => table.rows);
    const found = rows.flatMap((row) => Object.values(row)).filter((one) => typeof one === "string" && uuid.test(one));
    return [...new Set([none, ...people, ...(found as string[])])];
  };
  const changing = on.routes.filter(({ method, url, auth }) => {
    return method !== "GET" && auth !== "public" && !endsSessions.test(url);
  });
  const [silent, nameless, reached]: [string[], string[], string[]] = [[], [], []];
  for (const route of changing) {
    const name = `${route.method} ${route.url}`;
    if (name in quiet || content.test(name)) continue;
    const done = await firstSuccess(route);
    if (done === undefined) continue;
    reached.push(name);
    const { rows } = await on.owner.query<{ target: string | null }>(
      "select coalesce(target_name, target) as target from devflow.audit where request = $1",
      [done],
    );
    if (rows.length === 0) silent.push(name);
    const named = rows.some(({ target }) => target !== null && !uuid.test(target));
    if (route.url.includes(":") && rows.length > 0 && !named) nameless.push(name);
  }
  expect({ silent, nameless }).toEqual({ silent: [], nameless: [] });
  expect(reached.length).toBeGreaterThan(25);

  /** Id of the first request to the route, of all that could be made, that did something. */
  async function firstSuccess(route: Route): Promise<string | undefined> {
    for (const id of idsFor(route)) {
      const given = { word, id };
      for (const body of bodiesOf(route, given)) {
        const answer = await ada.send(route.method, addressOf(route, given), body as object | undefined);
        if (answer.statusCode < 300) return String(answer.headers["x-request-id"]);
      }
    }
    return undefined;
  }
});
