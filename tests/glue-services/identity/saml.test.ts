import { expect, test } from "vitest";
import { firstAdministrator, invited, origin, type Platform, platform, Visitor } from "./platform.ts";
import { type SamlProvider, samlProvider } from "./saml-provider.ts";

/** A platform whose people of corp.example sign on at a SAML provider; Dora is invited. */
async function withProvider(): Promise<{ on: Platform; idp: SamlProvider; metadata: string }> {
  const on = await platform({}, [], { requests: 1 });
  const ada = await firstAdministrator(on);
  await invited(on, ada, "dora@corp.example", ["developer"]);
  const idp = await samlProvider();
  const { entityId, entryPoint, certificate } = idp;
  const added = await ada.send("POST", "/api/identity/sign-on", {
    ...{ provider: "corp", domain: "corp.example", issuer: entityId },
    saml: { entryPoint, certificate, entityId },
  });
  expect(added.statusCode, added.body).toBe(201);
  const described = await new Visitor(on.app).send("GET", "/api/auth/sso/saml2/sp/metadata?providerId=corp");
  expect(described.statusCode, described.body).toBe(200);
  return { on, idp, metadata: described.body };
}

/** Begins at the platform as a browser does; answers where it is sent, and its cookies. */
async function begin(on: Platform): Promise<{ visitor: Visitor; url: URL }> {
  const visitor = new Visitor(on.app);
  const begun = await visitor.send("POST", "/api/auth/sign-in/sso", { email: "x@corp.example", callbackURL: "/" });
  expect(begun.statusCode, begun.body).toBe(200);
  return { visitor, url: new URL((begun.json() as { url: string }).url) };
}

/** The form that the provider's page makes the browser post. */
function post(visitor: Visitor, form: Record<string, string>) {
  return visitor.app
    .inject({
      method: "POST",
      url: "/api/auth/sso/saml2/sp/acs/corp",
      headers: {
        host: new URL(origin).host,
        origin: "https://idp.corp.example",
        "sec-fetch-site": "cross-site",
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: new URLSearchParams(form).toString(),
    })
    .then((answer) => {
      for (const { name, value } of answer.cookies) if (value) visitor.cookies.set(name, encodeURIComponent(value));
      return answer;
    });
}

const me = (visitor: Visitor) => visitor.send("GET", "/api/identity/me");

test("somebody who was invited signs on at their organisation's SAML provider; an answer works once", async () => {
  const { on, idp, metadata } = await withProvider();
  const { visitor, url } = await begin(on);
  expect(url.href.startsWith(idp.entryPoint)).toBe(true);
  const form = await idp.answer(url, "dora@corp.example", metadata);
  const ended = await post(visitor, form);
  expect(ended.statusCode, ended.body).toBe(302);
  expect((await me(visitor)).json()).toMatchObject({ email: "dora@corp.example", roles: ["developer"] });

  const thief = new Visitor(on.app);
  await post(thief, form);
  expect((await me(thief)).statusCode).toBe(401);
});

test("a response signed by another key, changed on its way, or nobody's answer is refused", async () => {
  const { on, idp, metadata } = await withProvider();
  const impostor = await samlProvider(idp.entityId);
  const forged = await begin(on);
  await post(forged.visitor, await impostor.answer(forged.url, "dora@corp.example", metadata));
  expect((await me(forged.visitor)).statusCode).toBe(401);

  const changed = await begin(on);
  const form = await idp.answer(changed.url, "stranger@corp.example", metadata);
  const xml = Buffer.from(form.SAMLResponse, "base64").toString().replaceAll("stranger@", "dora@");
  await post(changed.visitor, { ...form, SAMLResponse: Buffer.from(xml).toString("base64") });
  expect((await me(changed.visitor)).statusCode).toBe(401);
});

test("a SAML provider cannot make people, nor vouch for addresses outside of its domain", async () => {
  const { on, idp, metadata } = await withProvider();
  for (const email of ["stranger@corp.example", "ada@example.com"]) {
    const { visitor, url } = await begin(on);
    await post(visitor, await idp.answer(url, email, metadata));
    expect((await me(visitor)).statusCode, email).toBe(401);
  }
});
