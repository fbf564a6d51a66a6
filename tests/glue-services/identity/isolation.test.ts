import { expect, test } from "vitest";
import type { App, AppOptions } from "../../../glue-services/kit/index.ts";
import { notes } from "../notes/notes.ts";
import { firstAdministrator, invited, origin, platform, strong, Visitor } from "./platform.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Route {
  method: Method;
  url: string;
  /** What its description says it asks for; undefined: public. */
  security: { key?: string[] }[] | undefined;
}

/** Enough that no limit answers before the route does. */
const unlimited: Partial<AppOptions> = { rateLimits: { anonymous: 1e6, known: 1e6, failures: 1e6 } };

/** Every described route of every mounted service, from the app's own description. */
function routesOf(app: App): Route[] {
  const { paths = {} } = app.swagger() as { paths?: Record<string, Record<string, { security?: Route["security"] }>> };
  return Object.entries(paths).flatMap(([url, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      method: method.toUpperCase() as Method,
      url: url.replace(/\{(\w+)\}/g, ":$1"),
      security,
    })),
  );
}

function fill(url: string, ids: Record<string, string>): string {
  return url.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? "00000000-0000-7000-8000-000000000000");
}

const guarded = (routes: Route[]) => routes.filter(({ security }) => security !== undefined);

test("every guarded route of every service answers nobody and bad keys alike", async () => {
  const on = await platform({}, [notes], unlimited);
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
    "unsigned cookie": { cookie: "devflow_session=abc" },
    "forged cookie": { cookie: `devflow_session=${"a".repeat(32)}.${Buffer.alloc(32).toString("base64")}` },
  };
  const routes = guarded(routesOf(on.app));
  expect(routes.length).toBeGreaterThan(25);
  const expected = { status: 401, code: "UNAUTHENTICATED" };
  for (const { method, url } of routes) {
    const bodies = new Set<string>();
    for (const [who, headers] of Object.entries(strangers)) {
      const answer = await new Visitor(on.app).send(method, fill(url, {}), undefined, headers);
      const { code } = (answer.json() as { error: { code: string } }).error;
      expect({ who, method, url, status: answer.statusCode, code }).toEqual({ who, method, url, ...expected });
      bodies.add(answer.body);
    }
    expect({ method, url, bodies: bodies.size }).toEqual({ method, url, bodies: 1 });
  }
});

test("a member without the role is refused by every route that asks for a scope, before anything is looked at", async () => {
  const on = await platform({}, [notes], unlimited);
  const ada = await firstAdministrator(on);
  await ada.send("PUT", "/api/identity/roles/nothing", { description: "", permissions: [] });
  const member = await invited(on, ada, "mia@example.com", ["nothing"]);
  const scoped = guarded(routesOf(on.app)).filter(({ security }) => security?.some(({ key }) => key?.length));
  expect(scoped.length).toBeGreaterThan(15);
  for (const { method, url } of scoped) {
    const answer = await member.send(method, fill(url, {}));
    expect({ method, url, status: answer.statusCode }).toEqual({ method, url, status: 403 });
  }
});

test("another organisation's owner finds nothing: what exists and what does not answer alike", async () => {
  const on = await platform({}, [notes], unlimited);
  const ada = await firstAdministrator(on);
  const dev = await invited(on, ada, "dev@example.com", ["developer"]);
  const note = (await ada.send("POST", "/api/notes", { text: "planted-secret-note" })).json() as { id: string };
  const made = (await ada.send("POST", "/api/identity/keys", { name: "planted-key", scopes: [] })).json() as {
    id: string;
  };
  const invitation = (
    await ada.send("POST", "/api/identity/invitations", { email: "planted@example.com", roles: ["viewer"] })
  ).json() as { id: string };
  await ada.send("PUT", "/api/identity/roles/planted", { description: "planted", permissions: ["a:b"] });
  const person = (await dev.send("GET", "/api/identity/me")).json() as { person: string };
  const session = ((await dev.send("GET", "/api/identity/me/sessions")).json() as { id: string }[])[0];
  const eve = await anotherOwner();

  const ids = [note.id, made.id, invitation.id, person.person, String(session?.id)];
  const missing = "00000000-0000-7000-8000-000000000000";
  const bodies: Record<string, object> = {
    "PATCH /api/identity/people/:id": { roles: ["owner"] },
    "PUT /api/identity/people/:id/disabled": { disabled: true },
    "PUT /api/identity/me/organisation": { organisation: missing },
  };
  for (const { method, url } of guarded(routesOf(on.app))) {
    if (/sign-out|two-factor|passkey/.test(url)) continue;
    const body = bodies[`${method} ${url}`];
    if (!url.includes(":")) {
      if (method !== "GET") continue;
      const answer = await eve.send(method, url);
      expect({ url, leaks: /planted|dev@example|ada@example/.test(answer.body) }).toEqual({ url, leaks: false });
      continue;
    }
    if (url.endsWith(":name") || url.endsWith(":provider")) continue;
    const absent = await eve.send(method, fill(url, { id: missing }), body);
    // A route of the platform itself refuses before it looks.
    const refused = url.startsWith("/api/platform/") ? 403 : 404;
    expect({ method, url, status: absent.statusCode }).toEqual({ method, url, status: refused });
    for (const id of ids) {
      const answer = await eve.send(method, fill(url, { id }), body);
      expect({ method, url, status: answer.statusCode, body: answer.body }).toEqual({
        ...{ method, url, status: absent.statusCode },
        body: absent.body,
      });
    }
  }
  expect((await eve.send("DELETE", "/api/identity/roles/planted")).statusCode).toBe(404);
  // All of it is still there.
  expect((await dev.send("GET", `/api/notes/${note.id}`)).statusCode).toBe(200);
  expect((await ada.send("GET", "/api/identity/people")).json()).toHaveLength(2);
  expect((await ada.send("GET", "/api/identity/invitations")).json()).toHaveLength(1);

  async function anotherOwner(): Promise<Visitor> {
    const { rows } = await on.owner.query<{ id: string }>(
      `insert into identity.organization (name, slug, "createdAt") values ('Other', 'other', now()) returning id`,
    );
    await invited(on, ada, "eve@example.com", ["viewer"]);
    await on.owner.query(
      `update identity.member set "organizationId" = $1, role = 'owner'
       where "userId" = (select id from identity."user" where email = 'eve@example.com')`,
      [rows[0]?.id],
    );
    const visitor = new Visitor(on.app);
    await visitor.send("POST", "/api/auth/sign-in/email", { email: "eve@example.com", password: strong });
    return visitor;
  }
});

test("tables that hold an organisation's rows are behind row-level security for the service's own role", async () => {
  const on = await platform();
  const { rows } = await on.owner.query<{ name: string; forced: boolean }>(
    `select c.relname as name, c.relforcerowsecurity as forced from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
     where c.relnamespace = 'identity'::regnamespace and c.relkind = 'r' order by 1`,
  );
  expect(rows).toEqual(["api_key", "audit", "role"].map((name) => ({ name, forced: true })));
  expect(origin).toMatch(/^http:/);
});

test("a page of another site cannot act with a person's cookie", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  for (const { method, url } of guarded(routesOf(on.app)).filter(({ method }) => method !== "GET")) {
    const answer = await ada.send(method, fill(url, {}), {}, headers);
    expect({ method, url, status: answer.statusCode }).toEqual({ method, url, status: 403 });
  }
});
