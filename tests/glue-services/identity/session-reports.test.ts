import { expect, test } from "vitest";
import { firstAdministrator, invited, platform, strong, Visitor } from "./platform.ts";
import { totp } from "./totp.ts";

// What users of other platforms reported in public about sessions and the way back, by the numbers of their reports.

const sessionOf = ({ cookies }: Visitor) => [...cookies].find(([name]) => name.includes("session")) as [string, string];

test("signing in makes a session of its own, whatever one the browser came with, and the former is no more than it was (keycloak/keycloak#32552, authelia/authelia#180)", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const mallory = await invited(on, ada, "mallory@example.com", ["viewer"]);
  const [name, planted] = sessionOf(mallory);
  // The browser that Ada signs in with has a session that somebody else put there, or one that was made up.
  for (const value of [planted, "made-up.AAAA"]) {
    const browser = new Visitor(on.app);
    browser.cookies.set(name, value);
    const signedIn = await browser.send("POST", "/api/auth/sign-in/email", {
      email: "ada@example.com",
      password: strong,
    });
    expect(signedIn.statusCode, signedIn.body).toBe(200);
    expect(sessionOf(browser)[1]).not.toBe(value);
    expect((await browser.send("GET", "/api/identity/me")).json().email).toBe("ada@example.com");
  }
  expect((await mallory.send("GET", "/api/identity/me")).json().email).toBe("mallory@example.com");
  const unknown = new Visitor(on.app);
  unknown.cookies.set(name, "made-up.AAAA");
  expect((await unknown.send("GET", "/api/identity/me")).statusCode).toBe(401);
});

test("with a second factor the first one gives no session, and the session comes with the second (authelia/authelia#180)", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const begun = await ada.send("POST", "/api/auth/two-factor/enable", { password: strong });
  const { totpURI } = begun.json() as { totpURI: string };
  expect((await ada.send("POST", "/api/auth/two-factor/verify-totp", { code: totp(totpURI) })).statusCode).toBe(200);
  const browser = new Visitor(on.app);
  const first = await browser.send("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
  expect(first.json()).toMatchObject({ twoFactorRedirect: true });
  const before = new Map(browser.cookies);
  expect((await browser.send("GET", "/api/identity/me")).statusCode).toBe(401);
  expect((await browser.send("POST", "/api/auth/two-factor/verify-totp", { code: totp(totpURI) })).statusCode).toBe(
    200,
  );
  expect((await browser.send("GET", "/api/identity/me")).statusCode).toBe(200);
  // What was there between the two opens nothing afterwards either.
  const between = new Visitor(on.app);
  for (const [name, value] of before) between.cookies.set(name, value);
  expect((await between.send("GET", "/api/identity/me")).statusCode).toBe(401);
});

test("the way back from a provider is an address of the platform, however another one is written (jentic/jentic-one#377, open-mercato/open-mercato#1560)", async () => {
  const on = await platform({ internalProviders: ["http://127.0.0.1:9"] });
  const ada = await firstAdministrator(on);
  const wrong = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/%5Cevil.example",
    "/%2F%2Fevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:evil.example",
    "https:///evil.example",
    "http://localhost:4400@evil.example/",
    "http://localhost:4400.evil.example/",
  ];
  for (const callbackURL of wrong) {
    for (const field of ["callbackURL", "errorCallbackURL", "newUserCallbackURL"]) {
      const body = { email: "x@corp.example", callbackURL: "/", [field]: callbackURL };
      const answer = await ada.send("POST", "/api/auth/sign-in/sso", body);
      expect([field, callbackURL, answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([
        field,
        callbackURL,
        true,
      ]);
      expect(answer.headers.location ?? "").not.toContain("evil");
    }
  }
});

test("addresses and names in any script lead to the sign-in page and through it, and never to a defect (nesquena/hermes-webui#7357)", async () => {
  const on = await platform();
  const visitor = new Visitor(on.app);
  const body = {
    ...{ token: await on.link("welcome"), name: "李 Zoë 😀", email: "zoe@example.com", password: strong },
    organisation: "株式会社 Ünï",
  };
  const welcome = await visitor.send("POST", "/api/identity/welcome", body);
  expect(welcome.statusCode, welcome.body).toBe(204);
  expect((await visitor.send("GET", "/api/identity/me")).json()).toMatchObject({ name: "李 Zoë 😀" });
  const navigate = { accept: "text/html", "sec-fetch-mode": "navigate" };
  for (const path of ["/consent", "/sign-in", "/api/auth/oauth2/authorize", "/join", "/reset"]) {
    for (const query of [
      "?state=%E4%BD%A0%E5%A5%BD",
      "?state=caf%C3%A9&client_id=%F0%9F%98%80",
      "?state=%E0%A4%A",
      "?a=%00",
      "?a=%0d%0aset-cookie:x=y",
    ]) {
      const answer = await new Visitor(on.app).send("GET", `${path}${query}`, undefined, navigate);
      expect([path, query, answer.statusCode < 500]).toEqual([path, query, true]);
      expect(String(answer.headers.location ?? "")).not.toMatch(/[^\x21-\x7e]/);
      expect(answer.cookies.map(({ name }) => name)).not.toContain("x");
    }
  }
});
