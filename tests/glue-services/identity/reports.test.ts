import { expect, test } from "vitest";
import { firstAdministrator, invited, platform, strong, Visitor } from "./platform.ts";

// What users of other platforms reported in public about signing in, each by the smallest request that shows it.

const tokenOf = (answer: { json(): unknown }) => (answer.json() as { link: string }).link.split("#")[1];

test("an invitation's link opened again after its use shows the page, which says that it was used and how to go on", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const made = await ada.send("POST", "/api/identity/invitations", { email: "bo@example.com", roles: ["developer"] });
  const token = tokenOf(made);
  const bo = new Visitor(on.app);
  const join = () => bo.send("POST", "/api/identity/join", { token, name: "Bo", password: strong });
  expect((await join()).statusCode).toBe(204);
  const again = new Visitor(on.app);
  const page = await again.send("GET", "/join");
  expect([page.statusCode, page.headers["content-type"]]).toEqual([200, expect.stringContaining("text/html")]);
  const about = await again.send("POST", "/api/identity/link", { token, purpose: "join" });
  expect([about.statusCode, about.json().error]).toMatchObject([
    404,
    { message: expect.stringMatching(/was used already/), hint: expect.stringMatching(/[Ss]ign in/) },
  ]);
  expect((await join()).json().error.hint).toMatch(/[Ss]ign in/);
});

test("who was invited signs in with their address in any case of letters, and gets one account", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await invited(on, ada, "Bo.Smith@Example.com", ["developer"]);
  for (const email of ["bo.smith@example.com", "BO.SMITH@EXAMPLE.COM", "Bo.Smith@Example.com"]) {
    const bo = new Visitor(on.app);
    const answer = await bo.send("POST", "/api/auth/sign-in/email", { email, password: strong });
    expect([email, answer.statusCode]).toEqual([email, 200]);
    expect((await bo.send("GET", "/api/identity/me")).statusCode).toBe(200);
  }
  const again = await ada.send("POST", "/api/identity/invitations", {
    email: "BO.smith@example.com",
    roles: ["viewer"],
  });
  expect([again.statusCode, again.json().error.code]).toEqual([409, "CONFLICT"]);
});

test("an invitation that is too old can be sent again, and its new link works", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const body = { email: "bo@example.com", roles: ["developer"] };
  const old = await ada.send("POST", "/api/identity/invitations", body);
  await on.owner.query(`update identity.invitation set "expiresAt" = now() - interval '1 day'`);
  await on.owner.query("update identity.one_time_link set expires_at = now() - interval '1 day'");
  const join = (token: string | undefined) =>
    new Visitor(on.app).send("POST", "/api/identity/join", { token, name: "Bo", password: strong });
  expect((await join(tokenOf(old))).statusCode).toBe(404);
  const fresh = await ada.send("POST", "/api/identity/invitations", { ...body, email: "BO@example.com" });
  expect(fresh.statusCode, fresh.body).toBe(201);
  expect((await ada.send("GET", "/api/identity/invitations")).json()).toHaveLength(1);
  expect((await join(tokenOf(fresh))).statusCode).toBe(204);
});

test("of two cookies of the session's name, one of a parent domain, the one that is ours counts in any order", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const [name, value] = [...ada.cookies].find(([one]) => one.includes("session")) as [string, string];
  const others = ["left.over", "", "x", `${value.slice(0, 20)}.AAAA`, "%E0%A4%A"];
  for (const other of others) {
    for (const cookie of [`${name}=${other}; ${name}=${value}`, `${name}=${value}; ${name}=${other}`]) {
      const visitor = new Visitor(on.app);
      const answer = await visitor.send("GET", "/api/identity/me", undefined, { cookie });
      expect([cookie, answer.statusCode]).toEqual([cookie, 200]);
    }
  }
  // Signed by nobody: nobody.
  const nobody = await new Visitor(on.app).send("GET", "/api/identity/me", undefined, {
    cookie: `${name}=x; ${name}=y`,
  });
  expect(nobody.statusCode).toBe(401);
  // What changes a password goes through the library that makes sessions, which must find the same one.
  const next = "seven brass kettles hum softly";
  const cookie = `${name}=left.over; ${name}=${value}`;
  const changed = await ada.send("PUT", "/api/identity/me/password", { current: strong, next }, { cookie });
  expect(changed.statusCode, changed.body).toBe(204);
});

test("behind another proxy that ends TLS redirects, cookies and the OAuth server's description are of https", async () => {
  const publicUrl = "https://devflow.example.com";
  const on = await platform({ publicUrl }, [], { proxies: { nearest: ["172.18.0.5"] } });
  const from = { "x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https" };
  const headers = { host: "devflow.example.com", origin: publicUrl, ...from };
  const ada = new Visitor(on.app);
  ada.address = "172.18.0.5";
  const body = {
    ...{ token: await on.link("welcome"), name: "Ada", email: "ada@example.com" },
    ...{ password: strong, organisation: "Example Ltd" },
  };
  const welcome = await ada.send("POST", "/api/identity/welcome", body, headers);
  expect(welcome.statusCode, welcome.body).toBe(204);
  const signedIn = await ada.send(
    "POST",
    "/api/auth/sign-in/email",
    { email: "ada@example.com", password: strong },
    headers,
  );
  for (const answer of [welcome, signedIn]) {
    const set = [answer.headers["set-cookie"]].flat().filter((one) => String(one).includes("session"));
    expect(set.length).toBeGreaterThan(0);
    for (const one of set) expect(one).toMatch(/^__Secure-.*; Secure/);
  }
  const metadata = await ada.send("GET", "/.well-known/oauth-authorization-server/api/auth", undefined, headers);
  expect(metadata.statusCode, metadata.body).toBe(200);
  const said = JSON.stringify(metadata.json());
  expect(said).toContain(publicUrl);
  expect(said).not.toMatch(/http:\/\//);
  const authorize = await new Visitor(on.app).send(
    "GET",
    "/api/auth/oauth2/authorize?client_id=none&response_type=code",
    undefined,
    headers,
  );
  expect(authorize.statusCode, authorize.body).toBeLessThan(500);
  expect(`${authorize.headers.location ?? ""}${authorize.body}`).not.toContain("http://devflow");
});
