import { expect, test } from "vitest";
import { cookieNames } from "../../../glue-services/identity/cookie-names.ts";
import type { Built } from "../build.ts";
import { firstAdministrator, invited, origin, Visitor } from "../identity/platform.ts";
import { anotherOwner, expectUnchanged, missing, planted, plantedOrganisation, told } from "./answers.ts";
import { type Everything, everyService, type Route } from "./every-service.ts";
import type { Given } from "./from-schema.ts";
import { addressOf, bodiesOf, endsSessions } from "./planting.ts";

const sessionCookie = cookieNames(origin).sent;

/** Calls of models prove themselves by a key of their own, so these look public to the kit; `/v1/*` is nothing at all. */
const ownKeys = ({ url, method }: Route) => /^\/v1\/(?!batches|files|\*)/.test(url) && method === "POST";
const guarded = ({ routes }: Everything) => routes.filter((route) => route.auth !== "public" || ownKeys(route));
const sending = (who: Visitor, route: Route, given: Given) =>
  who.send(route.method, addressOf(route, given), bodiesOf(route, given)[0] as object | undefined);

test("every route of every service answers nobody and every bad key alike", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const key = async (days?: number) =>
    (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: ["*"], ...(days && { days }) })).json() as {
      id: string;
      key: string;
    };
  const [expired, revoked] = [await key(1), await key()];
  await on.owner.query("update identity.api_key set expires_at = now() where id = $1", [expired.id]);
  await ada.send("DELETE", `/api/identity/keys/${revoked.id}`);
  const strangers: Record<string, object> = {
    nobody: {},
    "expired key": { authorization: `Bearer ${expired.key}` },
    "revoked key": { authorization: `Bearer ${revoked.key}` },
    "unknown key": { authorization: `Bearer dfk_${"x".repeat(43)}` },
    "malformed key": { authorization: "Bearer dfk_short" },
    "other scheme": { authorization: "Basic YTpi" },
    "injected key": { authorization: "Bearer dfk_' or 1=1 --" },
    "unsigned cookie": { cookie: `${sessionCookie}=abc` },
    "forged cookie": { cookie: `${sessionCookie}=${"a".repeat(32)}.${Buffer.alloc(32).toString("base64")}` },
  };
  const routes = guarded(on);
  for (const service of ["identity", "secrets", "platform", "ai_gateway", "mcp_gateway", "notes", "kit"]) {
    expect(
      routes.some((route) => route.service === service),
      service,
    ).toBe(true);
  }
  for (const route of routes) {
    const { method, url } = route;
    const answers = new Set<string>();
    for (const headers of Object.values(strangers)) {
      const answer = await new Visitor(on.app).send(
        method,
        addressOf(route, missing),
        bodiesOf(route, missing)[0] as object,
        headers,
      );
      answers.add(`${answer.statusCode} ${answer.body}`);
    }
    expect({ method, url, answers: [...answers] }).toEqual({ method, url, answers: [expect.stringMatching(/^401 /)] });
  }
});

test("a member without the role, and a key without the scope, are refused before anything is looked at", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  await ada.send("PUT", "/api/identity/roles/nothing", { description: "", permissions: [] });
  const member = await invited(on, ada, "mia@example.com", ["nothing"]);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: [] })).json() as { key: string };
  const asking = on.routes.filter(({ auth }) => auth !== "public" && (auth.scope || auth.role));
  expect(asking.length).toBeGreaterThan(50);
  for (const route of asking) {
    const { method, url } = route;
    const byKey = await new Visitor(on.app).send(method, addressOf(route, missing), undefined, {
      authorization: `Bearer ${key}`,
    });
    const statuses = [(await member.send(method, addressOf(route, missing))).statusCode, byKey.statusCode];
    expect({ method, url, statuses }).toEqual({ method, url, statuses: [403, 403] });
  }
});

test("a page of another site can act with nobody's cookie, in any service", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  for (const route of guarded(on).filter(({ method }) => method !== "GET")) {
    const { method, url } = route;
    const body = bodiesOf(route, missing)[0] as object;
    const answer = await ada.send(method, addressOf(route, missing), body, headers);
    expect({ method, url, status: answer.statusCode }).toEqual({ method, url, status: 403 });
  }
});

test("an address below /v1 that nothing answers says the same to everybody, whoever asks and from whichever site", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: ["*"] })).json() as {
    key: string;
  };
  const routes = on.routes.filter(({ url }) => url === "/v1/*");
  expect(routes.length).toBeGreaterThan(3);
  for (const route of routes) {
    const { method, url } = route;
    const [nobody, site] = [new Visitor(on.app), { origin: "https://evil.example", "sec-fetch-site": "cross-site" }];
    const asked: [Visitor, object][] = [
      [nobody, {}],
      [nobody, { authorization: `Bearer ${key}` }],
      [nobody, { authorization: "Bearer dfk_short" }],
      [ada, {}],
      [ada, site],
    ];
    const answers = new Set<string>();
    for (const [who, headers] of asked) {
      const answer = await who.send(method, addressOf(route, missing), method === "GET" ? undefined : {}, headers);
      answers.add(`${answer.statusCode} ${answer.body}`);
    }
    expect({ method, url, answers: [...answers] }).toEqual({ method, url, answers: [expect.stringMatching(/^404 /)] });
  }
});

test("another organisation's owner finds nothing in any service: what exists and what does not answer alike", async () => {
  // A handler that wants a second connection while it holds one would wait for ever.
  const on = await everyService({ requests: 1 });
  const { ada, organisation, before, ids, idsFor } = await plantedOrganisation(on);
  for (const schema of on.schemas) {
    const rows = before.filter((table) => table.schema === schema).flatMap((table) => table.rows);
    expect(rows.length, `something of ${schema} was planted; else add its bodies to planting.ts`).toBeGreaterThan(0);
  }

  const eve = await anotherOwner(on, ada);
  const me = (await eve.send("GET", "/api/identity/me")).json() as { person: string; organisation: string };
  for (const route of guarded(on)) {
    const { method, url } = route;
    if (endsSessions.test(url) || (method === "GET" && !url.includes(":"))) continue;
    const asking = async () => {
      const same = new Set([told(await sending(eve, route, missing), missing)]);
      for (const given of different(route, idsFor(route.service)))
        same.add(told(await sending(eve, route, given), given));
      return { method, url, answers: [...same] };
    };
    // What eve began herself goes on meanwhile, and an answer of hers may tell of it: then all are asked again.
    await expect.poll(asking).toEqual({ method, url, answers: [expect.any(String)] });
  }
  for (const { method, url } of on.routes) {
    // A stream of events has no end; whose it is, its own tests show.
    if (method !== "GET" || url.includes(":") || url.includes("*") || url.endsWith("/sse")) continue;
    // What eve made herself above is hers to see; nothing of it has an id of the other organisation.
    const answer = await eve.send(method, url);
    const leaks = [...ids].filter((id) => answer.body.includes(id) && id !== me.person && id !== me.organisation);
    expect({ url, leaks, named: /ada@example|planted-dev|of-the-platform/.test(answer.body) }).toEqual({
      ...{ url, leaks: [], named: false },
    });
  }

  // All of it is still there, as it was.
  await expectUnchanged(on, organisation, before);
});

test("every table of every service that holds an organisation's rows is behind row-level security", async () => {
  const on: Built & { schemas: string[] } = await everyService();
  const { rows } = await on.owner.query(
    `select n.nspname || '.' || c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
       exists (select from pg_policy p where p.polrelid = c.oid) as policed
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname in ('organisation_id', 'organisation') and not a.attisdropped
     where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition`,
    [on.schemas],
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter(({ forced, policed }) => !forced || !policed)).toEqual([]);
});

/** What makes a request differ: each id where the route takes one, else the planted names alone. */
function different(route: Route, ids: readonly string[]): Given[] {
  const all = ids.map((id) => ({ ...planted, id }));
  const requests = all.map((given) => JSON.stringify([addressOf(route, given), bodiesOf(route, given)[0]]));
  return all.filter((_, at) => requests.indexOf(requests[at] as string) === at);
}
