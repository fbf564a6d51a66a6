import { expect, test } from "vitest";
import type { Service } from "../../../glue-services/kit/index.ts";
import { firstAdministrator, invited, type Platform, platform, strong, Visitor } from "./platform.ts";
import { totp } from "./totp.ts";

/** Another service of the same host, with routes that want scopes. */
const other: Service = {
  name: "other",
  register(app) {
    app.get("/api/other", { auth: { scope: "things:read" } }, async () => ({ ok: true }));
    app.post("/api/other", { auth: { scope: "things:write" } }, async () => ({ ok: true }));
  },
};

/** How long it may take is for the caches' own tests: here it only has to come. */
function comes(status: number, send: () => Promise<{ statusCode: number }>) {
  return expect.poll(async () => (await send()).statusCode, { interval: 20 }).toBe(status);
}

async function idOf(on: Platform, email: string): Promise<string> {
  const { rows } = await on.owner.query<{ id: string }>('select id from identity."user" where email = $1', [email]);
  return String(rows[0]?.id);
}

test("roles decide in every service, and their patterns cover scopes that any route declares", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  const viewer = await invited(on, ada, "vera@example.com", ["viewer"]);
  const developer = await invited(on, ada, "dev@example.com", ["developer"]);
  expect((await viewer.send("GET", "/api/other")).statusCode).toBe(200);
  expect((await viewer.send("POST", "/api/other")).statusCode).toBe(403);
  expect((await developer.send("POST", "/api/other")).statusCode).toBe(200);
  expect(
    (await developer.send("DELETE", `/api/identity/people/${await idOf(on, "vera@example.com")}`)).statusCode,
  ).toBe(403);
  expect((await new Visitor(on.app).send("GET", "/api/other")).statusCode).toBe(401);

  const custom = { description: "Only writes things.", permissions: ["things:write"] };
  expect((await ada.send("PUT", "/api/identity/roles/writer", custom)).statusCode).toBe(200);
  const person = await idOf(on, "vera@example.com");
  expect((await ada.send("PATCH", `/api/identity/people/${person}`, { roles: ["writer"] })).statusCode).toBe(200);
  await comes(403, () => viewer.send("GET", "/api/other"));
  expect((await viewer.send("POST", "/api/other")).statusCode).toBe(200);
  expect((await ada.send("DELETE", "/api/identity/roles/writer")).statusCode).toBe(409);
});

test("nobody hands on more than they hold, and only owners decide about owners", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const hr = { description: "", permissions: ["people:read", "people:manage", "roles:manage", "keys:write"] };
  await ada.send("PUT", "/api/identity/roles/hr", hr);
  const hana = await invited(on, ada, "hana@example.com", ["hr"]);
  const admin = await invited(on, ada, "amir@example.com", ["admin"]);
  const invite = (who: Visitor, roles: string[]) =>
    who.send("POST", "/api/identity/invitations", { email: "new@example.com", roles });
  expect((await invite(hana, ["admin"])).statusCode).toBe(403);
  expect((await invite(hana, ["viewer"])).statusCode).toBe(403);
  expect((await invite(hana, ["hr"])).statusCode).toBe(201);
  expect((await invite(admin, ["owner"])).statusCode).toBe(403);
  expect((await invite(admin, ["nobody-knows"])).statusCode).toBe(400);
  const self = await idOf(on, "hana@example.com");
  expect((await hana.send("PATCH", `/api/identity/people/${self}`, { roles: ["owner"] })).statusCode).toBe(403);
  expect((await hana.send("PUT", "/api/identity/roles/hr", { ...hr, permissions: ["*"] })).statusCode).toBe(403);
  expect((await hana.send("POST", "/api/identity/keys", { name: "k", scopes: ["billing:read"] })).statusCode).toBe(403);
  expect((await hana.send("DELETE", `/api/identity/people/${await idOf(on, "ada@example.com")}`)).statusCode).toBe(403);
});

test("an organisation keeps an owner, also when two leave at once", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const adaId = await idOf(on, "ada@example.com");
  expect((await ada.send("DELETE", `/api/identity/people/${adaId}`)).statusCode).toBe(409);
  expect((await ada.send("PATCH", `/api/identity/people/${adaId}`, { roles: ["viewer"] })).statusCode).toBe(409);
  const bob = await invited(on, ada, "bob@example.com", ["owner"]);
  const bobId = await idOf(on, "bob@example.com");
  const answers = await Promise.all([
    ada.send("PATCH", `/api/identity/people/${bobId}`, { roles: ["viewer"] }),
    bob.send("PATCH", `/api/identity/people/${adaId}`, { roles: ["viewer"] }),
  ]);
  // The slower one finds that it would be the last owner, or that it is none any more.
  const statuses = answers.map(({ statusCode }) => statusCode).sort();
  expect(statuses[0]).toBe(200);
  expect([403, 409]).toContain(statuses[1]);
  const { rows } = await on.owner.query("select role from identity.member order by role");
  expect(rows.map(({ role }) => role)).toEqual(["owner", "viewer"]);
});

test("a removed person loses session, keys and every service within moments, and cannot sign in", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  const dev = await invited(on, ada, "dev@example.com", ["developer"]);
  const { key } = (await dev.send("POST", "/api/identity/keys", { name: "ci", scopes: ["things:read"] })).json();
  const byKey = () => new Visitor(on.app).send("GET", "/api/other", undefined, { authorization: `Bearer ${key}` });
  expect((await byKey()).statusCode).toBe(200);
  expect((await dev.send("GET", "/api/other")).statusCode).toBe(200);

  expect((await ada.send("DELETE", `/api/identity/people/${await idOf(on, "dev@example.com")}`)).statusCode).toBe(204);
  await comes(401, () => dev.send("GET", "/api/other"));
  await comes(401, byKey);
  const again = await new Visitor(on.app).send("POST", "/api/auth/sign-in/email", {
    email: "dev@example.com",
    password: strong,
  });
  const wrong = await new Visitor(on.app).send("POST", "/api/auth/sign-in/email", {
    email: "dev@example.com",
    password: "no",
  });
  expect(again.statusCode).toBe(401);
  expect(again.json()).toEqual(wrong.json());
});

test("a change made by another host, or in the database, is felt although the answer was remembered", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  expect((await ada.send("GET", "/api/other")).statusCode).toBe(200);
  await on.owner.query('update identity."user" set disabled = true');
  await comes(401, () => ada.send("GET", "/api/other"));
});

test("keys have a prefix, scopes and an end, are shown once and stored as hashes", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  const made = (await ada.send("POST", "/api/identity/keys", { name: "ci", scopes: ["things:read"], days: 1 })).json();
  expect(made.key).toMatch(/^dfk_[A-Za-z0-9_-]{43}$/);
  const use = (method: "GET" | "POST", key: string) =>
    new Visitor(on.app).send(method, "/api/other", undefined, { authorization: `Bearer ${key}` });
  expect((await use("GET", made.key)).statusCode).toBe(200);
  expect((await use("POST", made.key)).statusCode).toBe(403);
  expect((await use("GET", `${made.key.slice(0, -1)}_`)).statusCode).toBe(401);
  const listed = await ada.send("GET", "/api/identity/keys");
  expect(listed.body).not.toContain(made.key);
  expect(listed.json()).toHaveLength(1);
  const { rows } = await on.owner.query("select * from identity.api_key");
  expect(JSON.stringify(rows)).not.toContain(made.key.slice(12));

  await on.owner.query("update identity.api_key set expires_at = now()");
  await comes(401, () => use("GET", made.key));
  const second = (await ada.send("POST", "/api/identity/keys", { name: "two", scopes: ["*"] })).json();
  expect((await use("POST", second.key)).statusCode).toBe(200);
  expect((await ada.send("DELETE", `/api/identity/keys/${second.id}`)).statusCode).toBe(204);
  await comes(401, () => use("POST", second.key));
});

test("sessions are listed and revoked one by one", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const phone = new Visitor(on.app);
  await phone.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
  const sessions = (await ada.send("GET", "/api/identity/me/sessions")).json() as { id: string; current: boolean }[];
  expect(sessions).toHaveLength(2);
  const phones = sessions.find(({ current }) => !current);
  expect((await ada.send("DELETE", `/api/identity/me/sessions/${phones?.id}`)).statusCode).toBe(204);
  await comes(401, () => phone.send("GET", "/api/identity/me"));
  expect((await ada.send("GET", "/api/identity/me")).statusCode).toBe(200);
});

test("a changed password ends the other sessions; the present one must be given", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const phone = new Visitor(on.app);
  await phone.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
  const next = "violet engines hum at 5 past noon";
  const change = (current: string, to: string) => ada.send("PUT", "/api/identity/me/password", { current, next: to });
  expect((await change("wrong password entirely", next)).statusCode).toBe(400);
  expect((await change(strong, "short")).statusCode).toBe(400);
  const changed = await change(strong, next);
  expect(changed.statusCode, changed.body).toBe(204);
  await comes(401, () => phone.send("GET", "/api/identity/me"));
  expect((await ada.send("GET", "/api/identity/me")).statusCode).toBe(200);
});

test("a reset link sets a new password, ends every session and works once", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const token = await on.link("reset", await idOf(on, "ada@example.com"));
  const next = "violet engines hum at 5 past noon";
  const visitor = new Visitor(on.app);
  expect((await visitor.send("POST", "/api/identity/reset", { token, password: "short" })).statusCode).toBe(400);
  expect((await visitor.send("POST", "/api/identity/reset", { token, password: next })).statusCode).toBe(204);
  expect((await visitor.send("POST", "/api/identity/reset", { token, password: next })).statusCode).toBe(404);
  expect((await visitor.send("GET", "/api/identity/me")).statusCode).toBe(200);
  await comes(401, () => ada.send("GET", "/api/identity/me"));
  const sign = (password: string) =>
    new Visitor(on.app).send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password });
  expect((await sign(strong)).statusCode).toBe(401);
  expect((await sign(next)).statusCode).toBe(200);
});

test("guessing is refused by account and by address, alike for accounts that do not exist", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const guess = (email: string, address: string) => {
    const visitor = new Visitor(on.app);
    visitor.address = address;
    return visitor.send("POST", "/api/auth/sign-in/email", { email, password: "a wrong guess" });
  };
  const answers = async (email: string) => {
    const found = [];
    for (let at = 0; at < 11; at++) found.push(await guess(email, `10.0.0.${email.charCodeAt(0)}`));
    return found.map(({ statusCode, body }) => [statusCode, body]);
  };
  const real = await answers("ada@example.com");
  expect(real.map(([status]) => status)).toEqual([...Array(10).fill(401), 429]);
  expect(await answers("eve@example.com")).toEqual(real);

  await on.owner.query(
    "insert into identity.failed_attempt (key) select key from identity.failed_attempt f, generate_series(1, 50)",
  );
  const right = new Visitor(on.app);
  right.address = "10.9.9.9";
  const locked = await right.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
  expect(locked.statusCode).toBe(429);
  await on.owner.query("delete from identity.failed_attempt");
  expect(
    (await right.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong })).statusCode,
  ).toBe(200);
});

test("a second factor is asked for, and backup codes work once", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const enabled = await ada.send("POST", "/api/auth/two-factor/enable", { password: strong });
  expect(enabled.statusCode, enabled.body).toBe(200);
  const { totpURI, backupCodes } = enabled.json() as { totpURI: string; backupCodes: string[] };
  const confirmed = await ada.send("POST", "/api/auth/two-factor/verify-totp", { code: totp(totpURI) });
  expect(confirmed.statusCode, confirmed.body).toBe(200);

  const signIn = async () => {
    const visitor = new Visitor(on.app);
    const first = await visitor.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
    expect(first.json()).toMatchObject({ twoFactorRedirect: true });
    expect((await visitor.send("GET", "/api/identity/me")).statusCode).toBe(401);
    return visitor;
  };
  const byCode = await signIn();
  expect((await byCode.send("POST", "/api/auth/two-factor/verify-totp", { code: "000000" })).statusCode).toBe(401);
  expect((await byCode.send("POST", "/api/auth/two-factor/verify-totp", { code: totp(totpURI) })).statusCode).toBe(200);
  expect((await byCode.send("GET", "/api/identity/me")).statusCode).toBe(200);
  const code = backupCodes[0];
  expect((await (await signIn()).send("POST", "/api/auth/two-factor/verify-backup-code", { code })).statusCode).toBe(
    200,
  );
  expect((await (await signIn()).send("POST", "/api/auth/two-factor/verify-backup-code", { code })).statusCode).toBe(
    401,
  );
});

test("the audit log tells who did what, holds no secret, and cannot be changed by the service", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await invited(on, ada, "vera@example.com", ["viewer"]);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "ci", scopes: ["*"] })).json();
  const entries = (await ada.send("GET", "/api/identity/audit")).json() as {
    action: string;
    actor: string;
    ip: string;
  }[];
  expect(entries.map(({ action }) => action)).toEqual([
    "key.made",
    "session.begun",
    "person.joined",
    "person.invited",
    "session.begun",
    "platform.claimed",
  ]);
  expect(entries.every(({ actor, ip }) => actor !== null && ip === "127.0.0.1")).toBe(true);
  const { rows } = await on.owner.query("select * from identity.audit");
  expect(JSON.stringify(rows)).not.toContain(key);
  expect(JSON.stringify(rows)).not.toContain(strong);
  const role = (await on.owner.query("select current_database() || '_identity' as name")).rows[0].name;
  const { rows: may } = await on.owner.query(
    "select p, has_table_privilege($1, 'identity.audit', p) as may from unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p",
    [role],
  );
  expect(may.map(({ may }) => may)).toEqual([true, false, false, false]);
});

test("many guesses at once are no more than many one after the other, and a stranger's lock nobody out", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const guess = (password: string, address: string) => {
    const visitor = new Visitor(on.app);
    visitor.address = address;
    return visitor.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password });
  };
  expect((await guess(strong, "198.51.100.1")).statusCode).toBe(200);
  const answers = await Promise.all(Array.from({ length: 60 }, () => guess("a wrong guess", "203.0.113.9")));
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(50);
  expect((await guess(strong, "203.0.113.9")).statusCode).toBe(429);
  // Somebody else's failures are somebody else's.
  expect((await guess(strong, "203.0.113.77")).statusCode).toBe(200);

  // Many strangers: nobody guesses on from new addresses, and the owner gets in from where they got in before.
  for (let at = 0; at < 60; at++) await guess("a wrong guess", `192.0.2.${at}`);
  expect((await guess("a wrong guess", "192.0.2.200")).statusCode).toBe(429);
  expect((await guess(strong, "198.51.100.1")).statusCode).toBe(200);
  expect((await ada.send("GET", "/api/identity/me")).statusCode).toBe(200);
});

test("nobody is disabled who is the last owner of any organisation, also of another one", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const bob = await invited(on, ada, "bob@example.com", ["viewer"]);
  const bobId = await idOf(on, "bob@example.com");
  await on.owner.query(
    `with o as (insert into identity.organization (name, slug, "createdAt") values ('Other', 'other', now()) returning id)
     insert into identity.member ("organizationId", "userId", role, "createdAt") select id, $1, 'owner', now() from o`,
    [bobId],
  );
  const disable = () => ada.send("PUT", `/api/identity/people/${bobId}/disabled`, { disabled: true });
  expect((await disable()).statusCode).toBe(409);
  expect((await bob.send("GET", "/api/identity/me")).statusCode).toBe(200);
  await on.owner.query(
    `insert into identity.member ("organizationId", "userId", role, "createdAt")
     select id, $1, 'owner', now() from identity.organization where slug = 'other'`,
    [await idOf(on, "ada@example.com")],
  );
  expect((await disable()).statusCode).toBe(200);
});

test("of giving a role and deleting it at once one is refused, and a role that is gone keeps nobody from being changed", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  await invited(on, ada, "vera@example.com", ["viewer"]);
  const vera = await idOf(on, "vera@example.com");
  const role = { description: "", permissions: ["things:read"] };
  for (let at = 0; at < 8; at++) {
    expect((await ada.send("PUT", "/api/identity/roles/brief", role)).statusCode).toBe(200);
    const answers = await Promise.all([
      ada.send("PATCH", `/api/identity/people/${vera}`, { roles: ["brief"] }),
      ada.send("DELETE", "/api/identity/roles/brief"),
    ]);
    const [given, deleted] = answers.map(({ statusCode }) => statusCode);
    expect([
      [200, 409],
      [400, 204],
    ]).toContainEqual([given, deleted]);
    expect((await ada.send("PATCH", `/api/identity/people/${vera}`, { roles: ["viewer"] })).statusCode).toBe(200);
    await ada.send("DELETE", "/api/identity/roles/brief");
  }
  await ada.send("PUT", "/api/identity/roles/brief", role);
  expect(
    (await ada.send("POST", "/api/identity/invitations", { email: "n@example.com", roles: ["brief"] })).statusCode,
  ).toBe(201);
  expect((await ada.send("DELETE", "/api/identity/roles/brief")).statusCode).toBe(409);

  await on.owner.query(`update identity.member set role = 'long-gone' where "userId" = $1`, [vera]);
  expect((await ada.send("PATCH", `/api/identity/people/${vera}`, { roles: ["viewer"] })).statusCode).toBe(200);
  await on.owner.query(`update identity.member set role = 'long-gone' where "userId" = $1`, [vera]);
  expect((await ada.send("DELETE", `/api/identity/people/${vera}`)).statusCode).toBe(204);
});

test("scopes of keys and roles are those that something asks for, by name or by a pattern that one is of", async () => {
  const on = await platform({}, [other]);
  const ada = await firstAdministrator(on);
  const key = async (scope: string) =>
    (await ada.send("POST", "/api/identity/keys", { name: "k", scopes: [scope] })).statusCode;
  for (const known of ["*", "things:read", "things:*", "*:write", "keys:manage"]) expect(await key(known)).toBe(201);
  for (const unknown of ["bogus:thing", "things:fly", "bogus:*", "*:fly"]) expect(await key(unknown)).toBe(400);
  const role = { description: "", permissions: ["things:read", "bogus:thing"] };
  const refused = await ada.send("PUT", "/api/identity/roles/odd", role);
  expect([refused.statusCode, refused.json().error.message]).toEqual([400, "Nothing here asks for bogus:thing."]);
  const scopes = (await ada.send("GET", "/api/identity/scopes")).json() as { name: string }[];
  expect(scopes).toContainEqual({ name: "things:read", resource: "things", action: "read" });
  for (const { name } of scopes) expect(await key(name)).toBe(201);
});
