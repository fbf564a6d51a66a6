import { expect, test } from "vitest";
import { BadRegistration, cleaned, clientOf, kindOf } from "../../../glue-services/identity/oauth/registration.ts";
import { seeded } from "../random.ts";

const refused = (redirect: unknown) => {
  try {
    return kindOf(redirect);
  } catch (error) {
    if (!(error instanceof BadRegistration)) throw error;
    return error.code;
  }
};

test.each([
  ...[
    "javascript:alert(1)",
    "JavaScript://x.example/%0aalert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
  ],
  ...["urn:ietf:wg:oauth:2.0:oob", "about:blank", "blob:https://a.example/x", "ws://a.example/", "com.example.app:/cb"],
  ...["https://a.example/#", "https://a.example/cb#x", "https://user@a.example/", "https://user:pw@a.example/"],
  ...["https:///user@a.example/", "https://a.example\\@b.example/", "https:\\\\a.example/", "https://a.example\\cb"],
  ...["https://*.example.com/cb", "https://*/cb", "https://a.*/cb", "http://*:80/", "http://localhost:*/cb"],
  ...["http://a.example/cb", "http://localhost.evil.example/cb", "http://127.0.0.1.evil.example/", "http://127.0.0.2/"],
  ...["http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://localhost@evil.example/", "https://localhost/cb"],
  ...["https://аpple.example/cb", "https://a.example/\u202ecb", "https://a.example/ cb", "https://a.example/\ncb"],
  ...["https://a.example/\tcb", "\u0000https://a.example/", "https://a.example/\ud800", "https://ａ.example/", "/cb"],
  ...["//a.example/cb", "", " ", "https://", "https://a.example:99999/", "https://[::1", "https://%00/"],
  ...[`https://a.example/${"x".repeat(3000)}`, null, 1, {}, ["https://a.example/"], true, undefined],
])("%j is no address that a program may be answered at", (redirect) => {
  expect(refused(redirect)).toBe("invalid_redirect_uri");
});

test("a site over HTTPS and this computer at any port are addresses that a program may be answered at", () => {
  for (const site of [
    "https://a.example/cb",
    "https://xn--e1afmkfd.example/cb?x=1",
    "https://a.example:8443/%2e%2e/cb",
  ]) {
    expect([site, refused(site)]).toEqual([site, "https"]);
  }
  for (const here of [
    "http://localhost/cb",
    "http://localhost:1/",
    "http://127.0.0.1:65535/cb",
    "http://[::1]:33418/",
  ]) {
    expect([here, refused(here)]).toEqual([here, "loopback"]);
  }
});

test("a program's name is a line of letters that stay where they are, whatever it is given as (5,000 names, seeded)", () => {
  const { pick, below } = seeded(7);
  const parts = [
    "a",
    "DevFlow",
    " ",
    "\n",
    "\r",
    "\t",
    "\u0000",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\ud800",
    "\udfff",
    "😀",
    "é",
    "<b>",
  ];
  for (let at = 0; at < 5000; at++) {
    const given = Array.from({ length: below(200) }, () => pick(parts)).join("");
    const name = cleaned(given);
    if (name === undefined) continue;
    expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\n\r]/u);
    expect(name.isWellFormed()).toBe(true);
    expect([...name].length).toBeLessThanOrEqual(100);
  }
});

test("what else a program says of itself is not taken: no secret, no other grant, no address to fetch or to call", () => {
  const client = clientOf({
    redirect_uris: ["https://a.example/cb"],
    client_name: "A",
    client_secret: "x",
    grant_types: ["client_credentials", "implicit"],
    token_endpoint_auth_method: "client_secret_post",
    jwks_uri: "http://169.254.169.254/",
    logo_uri: "http://169.254.169.254/",
    client_uri: "https://10.0.0.1/",
    scope: "*",
    skip_consent: true,
    __proto__: { skipConsent: true },
  });
  expect(client).toEqual({
    redirect_uris: ["https://a.example/cb"],
    client_name: "A",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "web",
  });
});
