import { expect, test } from "vitest";
import { firstAdministrator, origin, platform, strong, Visitor } from "./platform.ts";

test("the welcome link makes the first administrator, signed in as owner, and works once", async () => {
  const on = await platform();
  const token = await on.link("welcome");
  const body = { token, name: "Ada", email: "Ada@Example.com", password: strong, organisation: "Example Ltd" };
  const ada = new Visitor(on.app);
  const welcomed = await ada.send("POST", "/api/identity/welcome", body);
  expect(welcomed.statusCode, welcomed.body).toBe(204);
  const cookie = String(welcomed.headers["set-cookie"]);
  expect(cookie).toMatch(/^devflow_session_4400=/);
  expect(cookie).toContain("HttpOnly");
  expect(cookie).toContain("SameSite=Lax");
  const me = (await ada.send("GET", "/api/identity/me")).json();
  expect(me).toMatchObject({
    name: "Ada",
    email: "ada@example.com",
    roles: ["owner", "platform-administrator"],
    scopes: ["*"],
  });

  const again = await new Visitor(on.app).send("POST", "/api/identity/welcome", body);
  expect(again.statusCode).toBe(404);
  const second = await on.link("welcome");
  const late = await new Visitor(on.app).send("POST", "/api/identity/welcome", { ...body, token: second });
  expect(late.statusCode).toBe(409);
});

test("of two first administrators at once there is one", async () => {
  const on = await platform();
  const token = await on.link("welcome");
  const claim = (email: string) =>
    new Visitor(on.app).send("POST", "/api/identity/welcome", {
      ...{ token, email, name: "Ada", password: strong, organisation: "Example Ltd" },
    });
  const answers = await Promise.all([claim("a@example.com"), claim("b@example.com"), claim("c@example.com")]);
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 404, 404]);
  const { rows } = await on.owner.query('select from identity."user"');
  expect(rows).toHaveLength(1);
});

test("the server keeps only a hash of a link, and forgets former ones", async () => {
  const on = await platform();
  const first = await on.link("welcome");
  const { rows } = await on.owner.query("select hash from identity.one_time_link");
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(first);
  await on.link("welcome");
  const body = { name: "Ada", email: "ada@example.com", password: strong, organisation: "Example Ltd" };
  const old = await new Visitor(on.app).send("POST", "/api/identity/welcome", { ...body, token: first });
  expect(old.statusCode).toBe(404);
});

test("a link that is too old is refused like one that never was", async () => {
  const on = await platform();
  const token = await on.link("welcome");
  await on.owner.query("update identity.one_time_link set expires_at = now() - interval '1 second'");
  const body = { name: "Ada", email: "ada@example.com", password: strong, organisation: "Example Ltd" };
  const old = await new Visitor(on.app).send("POST", "/api/identity/welcome", { ...body, token });
  const never = await new Visitor(on.app).send("POST", "/api/identity/welcome", { ...body, token: "x".repeat(43) });
  expect([old.statusCode, old.json()]).toEqual([never.statusCode, never.json()]);
});

test.each([
  ["short", "Tr0ub4dor&3"],
  ["leaked", "password123456"],
  ["the keyboard's", "qwertyuiop1234"],
  ["the person's own words", "ada@example.com"],
  ["repeating", "abcabcabcabcabc"],
])("a password that is %s is refused and leaves the link usable", async (_why, password) => {
  const on = await platform();
  const token = await on.link("welcome");
  const body = { token, name: "Ada", email: "ada@example.com", organisation: "Example Ltd" };
  const visitor = new Visitor(on.app);
  const refused = await visitor.send("POST", "/api/identity/welcome", { ...body, password });
  expect(refused.statusCode).toBe(400);
  expect(refused.json().error.message).toContain("too easy to guess");
  expect(refused.body).not.toContain(password);
  expect((await visitor.send("POST", "/api/identity/welcome", { ...body, password: strong })).statusCode).toBe(204);
});

test("the platform's owner signs in again and out", async () => {
  const on = await platform();
  await firstAdministrator(on);
  const ada = new Visitor(on.app);
  const entered = await ada.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
  expect(entered.statusCode, entered.body).toBe(200);
  expect((await ada.send("GET", "/api/identity/me")).statusCode).toBe(200);
  const kept = new Map(ada.cookies);
  const out = await ada.send("POST", "/api/identity/sign-out");
  expect(out.json()).toEqual({ next: "/sign-in" });
  for (const [name, value] of kept) ada.cookies.set(name, value);
  await expect.poll(async () => (await ada.send("GET", "/api/identity/me")).statusCode).toBe(401);
  expect(origin).toBe("http://localhost:4400");
});
