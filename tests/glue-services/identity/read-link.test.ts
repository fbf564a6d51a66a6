import { expect, test } from "vitest";
import { firstAdministrator, invited, platform, strong, Visitor } from "./platform.ts";

const first = { organisation: "Müller & Söhne", email: "zoe@example.com" };

test("a welcome link says what the answers file knows of the first person, and stays usable", async () => {
  const on = await platform({ first });
  const token = await on.link("welcome");
  const visitor = new Visitor(on.app);
  for (const _ of [1, 2]) {
    const answer = await visitor.send("POST", "/api/identity/link", { token, purpose: "welcome" });
    expect(answer.json(), answer.body).toEqual({ ...first, lead: null });
    expect(answer.headers["cache-control"]).toBe("no-store");
  }
  const body = { token, name: "Zoe", email: first.email, password: strong, organisation: first.organisation };
  expect((await visitor.send("POST", "/api/identity/welcome", body)).statusCode).toBe(204);
  const used = await visitor.send("POST", "/api/identity/link", { token, purpose: "welcome" });
  expect([used.statusCode, used.json().error.message]).toEqual([
    404,
    "This link does not work: it was used already, or it is too old.",
  ]);
});

test("a link that was cut, mistyped, or is for something else tells nothing", async () => {
  const on = await platform({ first });
  const token = await on.link("welcome");
  const visitor = new Visitor(on.app);
  for (const [other, purpose] of [
    [token.slice(1), "welcome"],
    ["", "welcome"],
    ["\u0000", "welcome"],
    [token, "join"],
    [token, "reset"],
  ]) {
    const answer = await visitor.send("POST", "/api/identity/link", { token: other, purpose });
    expect(answer.statusCode, answer.body).toBe(404);
    expect(answer.body).not.toContain(first.email);
  }
});

test("an invitation's link says who invites whom; withdrawn, it says that", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  const made = await ada.send("POST", "/api/identity/invitations", { email: "bo@example.com", roles: ["developer"] });
  const token = (made.json() as { link: string }).link.split("#")[1];
  const visitor = new Visitor(on.app);
  const ask = () => visitor.send("POST", "/api/identity/link", { token, purpose: "join" });
  expect((await ask()).json()).toMatchObject({ organisation: "Example Ltd", email: "bo@example.com" });
  await ada.send("DELETE", `/api/identity/invitations/${(made.json() as { id: string }).id}`);
  expect((await ask()).json().error.message).toMatch(/withdrawn|does not work/);
});

test("what the sign-in refuses is said in the platform's own words", async () => {
  const on = await platform();
  const ada = await firstAdministrator(on);
  await invited(on, ada, "bo@example.com", ["developer"]);
  const say = async (url: string, body: object) => {
    const answer = await new Visitor(on.app).send("POST", `/api/auth${url}`, body);
    return `${answer.json().error.message} ${answer.json().error.hint}`;
  };
  expect(await say("/sign-in/sso", { email: "x@nowhere.example", callbackURL: "/" })).toBe(
    "No sign-on of an organisation is set up for this e-mail address. Check the address, or sign in with your password.",
  );
  expect(await say("/sign-in/email", { email: "ada@example.com", password: "wrong" })).toMatch(
    /^The address or the password/,
  );
  expect(await say("/two-factor/verify-totp", { code: "123456" })).toMatch(/^The code is not right/);
  expect(await say("/passkey/verify-authentication", { response: {} })).toMatch(/^This passkey is not known here/);
  // Bodies that the library's own schemas refuse.
  for (const [url, body] of [
    ["/sign-in/email", { email: 7 }],
    ["/sign-in/sso", {}],
    ["/two-factor/verify-totp", { code: {} }],
    ["/passkey/verify-authentication", []],
  ] as const) {
    expect(await say(url, body)).not.toMatch(/\[body|invalid input|expected|zod|undefined|must match/i);
  }
});
