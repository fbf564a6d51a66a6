import { expect, test } from "vitest";
import { firstAdministrator, invited, platform, strong, Visitor } from "./platform.ts";

async function made(by: Visitor, name: string, owner: string) {
  const answer = await by.send("POST", "/api/identity/organisations", { name, owner });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json() as { id: string; slug: string; members: number; link: string | null };
}

test("the platform's administrator makes organisations; their owners are theirs alone", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const second = await made(ada, "Second Ltd", "bo@example.com");
  expect(second).toMatchObject({ slug: "second-ltd", members: 0 });
  expect((await made(ada, "Second, Ltd.", "cy@example.com")).slug).toBe("second-ltd-2");

  const bo = new Visitor(on.app);
  const token = second.link?.split("#")[1];
  const joined = await bo.send("POST", "/api/identity/join", { token, name: "Bo", password: strong });
  expect(joined.statusCode, joined.body).toBe(204);
  const me = (await bo.send("GET", "/api/identity/me")).json();
  // An owner, but of an organisation that is not the platform's first.
  expect(me).toMatchObject({ organisation: second.id, roles: ["owner"] });
  expect((await bo.send("GET", "/api/identity/people")).json()).toHaveLength(1);
  expect((await bo.send("GET", "/api/identity/organisations")).statusCode).toBe(403);
  expect(
    (await bo.send("POST", "/api/identity/organisations", { name: "Mine", owner: "bo@example.com" })).statusCode,
  ).toBe(403);

  const list = (await ada.send("GET", "/api/identity/organisations")).json() as { name: string; members: number }[];
  expect(list.map(({ name, members }) => [name, members])).toEqual([
    ["Example Ltd", 1],
    ["Second Ltd", 1],
    ["Second, Ltd.", 0],
  ]);
  const audit = (await ada.send("GET", "/api/identity/audit?action=organisation.made")).json() as object[];
  expect(audit).toHaveLength(2);
});

test("whoever makes one for themselves is its owner at once, goes over to it, and back", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const mine = await made(ada, "Side project", "Ada@Example.com");
  expect(mine).toMatchObject({ members: 1, link: null });
  const home = (await ada.send("GET", "/api/identity/me")).json() as { organisation: string };
  expect((await ada.send("PUT", "/api/identity/me/organisation", { organisation: mine.id })).statusCode).toBe(204);
  await expect
    .poll(async () => (await ada.send("GET", "/api/identity/me")).json())
    .toMatchObject({ organisation: mine.id, roles: ["owner"] });
  // There she administers the organisation, not the platform.
  expect((await ada.send("GET", "/api/identity/organisations")).statusCode).toBe(403);
  expect((await ada.send("PATCH", "/api/identity/organisation", { name: "Main project" })).statusCode).toBe(204);
  await ada.send("PUT", "/api/identity/me/organisation", { organisation: home.organisation });
  await expect.poll(async () => (await ada.send("GET", "/api/identity/organisations")).statusCode).toBe(200);
  const names = (await ada.send("GET", "/api/identity/organisations")).json() as { name: string }[];
  expect(names.map(({ name }) => name)).toEqual(["Example Ltd", "Main project"]);
});

test("somebody in two organisations who is removed from one keeps the other, and nothing of the first", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const dev = await invited(on, ada, "dev@example.com", ["developer"]);
  const own = await made(ada, "Own", "dev@example.com");
  const token = own.link?.split("#")[1];
  await new Visitor(on.app).send("POST", "/api/identity/join", { token, name: "Dev", password: strong });
  const { person } = (await dev.send("GET", "/api/identity/me")).json() as { person: string };
  expect((await ada.send("DELETE", `/api/identity/people/${person}`)).statusCode).toBe(204);
  await expect.poll(async () => (await dev.send("GET", "/api/identity/me")).statusCode).toBe(401);
  const again = new Visitor(on.app);
  await again.send("POST", "/api/auth/sign-in/email", { email: "dev@example.com", password: strong });
  expect((await again.send("GET", "/api/identity/me")).json()).toMatchObject({
    organisation: own.id,
    organisations: [{ name: "Own" }],
  });
});

test("a request acts for the organisation that its header names, whatever the session is set to, and for none of others", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const side = await made(ada, "Side project", "ada@example.com");
  await made(ada, "Of others", "bo@example.com");
  const at = (slug: string) => ({ "x-devflow-organisation": slug });
  const me = async (headers: object = {}) => (await ada.send("GET", "/api/identity/me", undefined, headers)).json();
  const home = await me();
  expect(home.organisations).toContainEqual({ id: side.id, name: "Side project", slug: "side-project" });
  expect(await me(at("side-project"))).toMatchObject({ organisation: side.id, roles: ["owner"] });
  // The session stays as it was: another tab goes on where it is.
  expect(await me()).toMatchObject({ organisation: home.organisation });

  const key = (name: string, headers: object) =>
    ada.send("POST", "/api/identity/keys", { name, scopes: ["people:read"] }, headers);
  expect((await key("of the side", at("side-project"))).statusCode).toBe(201);
  expect((await key("of home", at("example-ltd"))).statusCode).toBe(201);
  const names = async (headers: object) =>
    (await ada.send("GET", "/api/identity/keys", undefined, headers)).json().map(({ name }: { name: string }) => name);
  expect(await names(at("side-project"))).toEqual(["of the side"]);
  expect(await names(at("example-ltd"))).toEqual(["of home"]);

  // Those of others, those that are not there, and what no short name can be are one answer.
  for (const slug of ["of-others", "nowhere", "Side Project", "..", `${"a".repeat(70)}`, side.id, "side-project, x"]) {
    const answer = await ada.send("GET", "/api/identity/me", undefined, at(slug));
    expect({ slug, status: answer.statusCode, code: answer.json().error.code }).toEqual({
      slug,
      status: 403,
      code: "NOT_A_MEMBER",
    });
    expect((await key("nobody's", at(slug))).statusCode).toBe(403);
  }
  const nobody = await new Visitor(on.app).send("GET", "/api/identity/me", undefined, at("side-project"));
  expect(nobody.statusCode).toBe(401);
});

test("a key acts for its own organisation, whatever organisation a header names", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await made(ada, "Side project", "ada@example.com");
  const { organisation } = (await ada.send("GET", "/api/identity/me")).json() as { organisation: string };
  const answered = await ada.send("POST", "/api/identity/keys", { name: "a program's", scopes: ["people:read"] });
  const { key } = answered.json() as { key: string };
  for (const slug of ["side-project", "nowhere", "Not A Slug"]) {
    const headers = { authorization: `Bearer ${key}`, "x-devflow-organisation": slug };
    const answer = await on.app.inject({ url: "/api/identity/me", headers });
    expect(answer.json()).toMatchObject({ organisation, person: null });
  }
});

test("a membership that ends, ends what a tab on that organisation may do, and leaves the other tab alone", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const dev = await invited(on, ada, "dev@example.com", ["developer"]);
  const own = await made(ada, "Own", "dev@example.com");
  const token = own.link?.split("#")[1];
  await new Visitor(on.app).send("POST", "/api/identity/join", { token, name: "Dev", password: strong });
  const at = (slug: string) => dev.send("GET", "/api/identity/me", undefined, { "x-devflow-organisation": slug });
  await expect.poll(async () => (await at("own")).statusCode).toBe(200);
  expect((await at("example-ltd")).statusCode).toBe(200);
  const { person } = (await at("own")).json() as { person: string };
  await on.owner.query(
    `delete from identity.member where "userId" = $1 and "organizationId" = (select id from identity.organization where slug = 'own')`,
    [person],
  );
  await expect.poll(async () => (await at("own")).statusCode).toBe(403);
  expect((await at("example-ltd")).statusCode).toBe(200);
});
