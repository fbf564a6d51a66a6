import { expect, test } from "vitest";
import { organisationHeader } from "../../../glue-services/kit/organisation-header.ts";
import { Visitor } from "../identity/platform.ts";
import { anotherOwner, expectUnchanged, missing, planted, plantedOrganisation, told } from "./answers.ts";
import { type Everything, everyService, type Route } from "./every-service.ts";
import type { Given } from "./from-schema.ts";
import { addressOf, bodiesOf, endsSessions, queriesOf, rowsOf } from "./planting.ts";

const asking = ({ routes }: Everything) =>
  routes.filter(({ auth, url, method }) => {
    // A stream has no end; whose it is, its own tests show.
    return auth !== "public" && !endsSessions.test(url) && !(method === "GET" && /\/(sse|live)$/.test(url));
  });

test("another organisation's owner finds nothing by an id in a query, or in any part of a body that may be left out", async () => {
  const on = await everyService();
  const { ada, organisation, before, ids, idsFor } = await plantedOrganisation(on);
  const eve = await anotherOwner(on, ada);
  let sent = 0;
  for (const route of asking(on)) {
    const bodies = Math.max(1, bodiesOf(route, missing).length);
    const queries = queriesOf(route, missing).length;
    for (const [query, body] of pairs(queries, bodies)) {
      const takesIds = JSON.stringify([queriesOf(route, missing)[query], bodiesOf(route, missing)[body]]);
      if (!takesIds.includes(missing.id)) continue;
      // The address is one that exists nowhere, or one of eve's own lists: what differs is the id in the part alone.
      const nothing = { ...missing, word: fresh(sent++) };
      const absent = told(await sendPart(eve, route, query, body, nothing), nothing);
      for (const id of idsFor(route.service)) {
        const word = fresh(sent++);
        const answer = await sendPart(eve, route, query, body, { word, id });
        expect({ route: `${route.method} ${route.url}`, query, body, answer: told(answer, { word, id }) }).toEqual({
          ...{ route: `${route.method} ${route.url}`, query, body, answer: absent },
        });
        const leaks = [...ids].filter((one) => one !== id && answer.body.includes(one));
        expect(leaks, `${route.method} ${route.url}`).toEqual([]);
      }
    }
  }
  expect(sent).toBeGreaterThan(100);
  await expectUnchanged(on, organisation, before);
});

test("an organisation that is not one's own and one that is nowhere are refused alike, whatever is asked for it", async () => {
  const on = await everyService();
  const { ada, organisation, before } = await plantedOrganisation(on);
  const { rows } = await on.owner.query<{ slug: string }>("select slug from identity.organization where id = $1", [
    organisation,
  ]);
  const eve = await anotherOwner(on, ada);
  for (const route of asking(on)) {
    const answers = new Set<string>();
    for (const slug of [String(rows[0]?.slug), "nowhere-at-all"]) {
      const [query = ""] = queriesOf(route, planted);
      const [body] = bodiesOf(route, planted);
      const headers = { [organisationHeader]: slug };
      const answer = await eve.send(route.method, `${addressOf(route, planted)}${query}`, body as object, headers);
      answers.add(told(answer, { ...planted, word: slug }));
    }
    expect({ route: `${route.method} ${route.url}`, answers: [...answers] }).toEqual({
      ...{ route: `${route.method} ${route.url}`, answers: [expect.stringMatching(/^40[134] /)] },
    });
  }
  await expectUnchanged(on, organisation, before);
});

test("a member or key with every scope but the one that a route asks for learns and changes nothing by real ids", async () => {
  const on = await everyService();
  const { ada, organisation, idsFor } = await plantedOrganisation(on);
  const known = (await ada.send("GET", "/api/identity/scopes")).json() as { name: string }[];
  const scopes = known.map(({ name }) => name);
  const byScope = new Map<string, Asking>();
  for (const scope of scopes) {
    const others = scopes.filter((one) => one !== scope);
    const made = await ada.send("POST", "/api/identity/keys", { name: `without ${scope}`, scopes: others });
    expect(made.statusCode, made.body).toBe(201);
    byScope.set(scope, keyed(on, (made.json() as { key: string }).key));
  }
  const before = await rowsOf(on, organisation);
  let tried = 0;
  for (const route of asking(on)) {
    const { auth, method, url } = route;
    const who = auth !== "public" && auth.scope ? byScope.get(auth.scope) : undefined;
    if (!who) continue;
    tried++;
    const answers = new Set<string>();
    for (const id of [missing.id, ...idsFor(route.service).slice(0, 40)]) {
      answers.add(told(await sendPart(who, route, 0, 0, { ...planted, id }), planted));
      if (!url.includes(":")) break;
    }
    expect({ method, url, answers: [...answers] }).toEqual({ method, url, answers: [expect.stringMatching(/^403 /)] });
  }
  expect(tried).toBeGreaterThan(60);
  await expectUnchanged(on, organisation, before);
});

type Asking = Pick<Visitor, "send">;

/** A program with a key. */
function keyed({ app }: Everything, key: string): Asking {
  const visitor = new Visitor(app);
  const authorization = `Bearer ${key}`;
  return { send: (method, url, body, headers) => visitor.send(method, url, body, { authorization, ...headers }) };
}

function sendPart(who: Asking, route: Route, query: number, body: number, given: Given) {
  const address = addressOf(route, given);
  const parts = queriesOf(route, given)[query] ?? "";
  return who.send(route.method, `${address}${parts}`, bodiesOf(route, given)[body] as object | undefined);
}

/** Every query with the first body, and every body with the first query. */
function pairs(queries: number, bodies: number): [number, number][] {
  return [
    ...Array.from({ length: queries }, (_, at): [number, number] => [at, 0]),
    ...Array.from({ length: bodies - 1 }, (_, at): [number, number] => [0, at + 1]),
  ];
}

/** A name that nothing has yet. */
function fresh(number: number): string {
  return `part${[...String(number)].map((digit) => "abcdefghij"[Number(digit)]).join("")}`;
}
