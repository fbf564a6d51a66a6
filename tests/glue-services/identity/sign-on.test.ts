import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { expect, onTestFinished, test } from "vitest";
import { firstAdministrator, invited, origin, platform, Visitor } from "./platform.ts";

const clientSecret = randomBytes(32).toString("base64url");

/** A real OpenID Connect provider of somebody else's, where everybody is signed in as `email` already. */
async function foreignProvider(email: string): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "devflow",
        client_secret: clientSecret,
        redirect_uris: [`${origin}/api/auth/sso/callback/corp`],
      },
    ],
    cookies: { keys: ["tests-only"] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email, email_verified: true, name: "Somebody" }),
    }),
  });
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return handle(request, response);
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") {
      return provider.interactionFinished(request, response, { login: { accountId: email } });
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: email, clientId: String(params.client_id) });
    grant?.addOIDCScope("openid email profile");
    return provider.interactionFinished(request, response, { consent: { grantId: String(await grant?.save()) } });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return issuer;
}

/** Follows the provider's redirects as a browser does, until it leads back. */
async function through(url: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = url;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(at, { redirect: "manual", headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      cookies.set(name, value);
    }
    const next = new URL(answer.headers.get("location") ?? "", at).href;
    if (next.startsWith(origin)) return next;
    at = next;
  }
  throw new Error("the provider leads nowhere");
}

async function signOnAt(email: string, invite: string) {
  const issuer = await foreignProvider(email);
  // Nothing on the way may want a second connection while it holds one.
  const on = await platform({ internalProviders: [issuer] }, [], { requests: 1 });
  const ada = await firstAdministrator(on);
  if (invite !== "ada@example.com") await invited(on, ada, invite, ["developer"]);
  const added = await ada.send("POST", "/api/identity/sign-on", {
    ...{ provider: "corp", domain: "corp.example", issuer },
    oidc: { clientId: "devflow", clientSecret },
  });
  expect(added.statusCode, added.body).toBe(201);
  const visitor = new Visitor(on.app);
  const begun = await visitor.send("POST", "/api/auth/sign-in/sso", { email: "x@corp.example", callbackURL: "/" });
  expect(begun.statusCode, begun.body).toBe(200);
  const back = new URL(await through((begun.json() as { url: string }).url));
  const ended = await visitor.send("GET", `${back.pathname}${back.search}`);
  expect(ended.statusCode, ended.body).toBe(302);
  return { on, ada, visitor, ended };
}

test("somebody who was invited signs on at their organisation's own provider", async () => {
  const { visitor, ada } = await signOnAt("dora@corp.example", "dora@corp.example");
  const me = await visitor.send("GET", "/api/identity/me");
  expect(me.json()).toMatchObject({ email: "dora@corp.example", roles: ["developer"] });
  expect((await ada.send("GET", "/api/identity/sign-on")).body).not.toContain(clientSecret);
});

test("a provider cannot make people, nor vouch for addresses outside of its domain", async () => {
  const stranger = await signOnAt("stranger@corp.example", "dora@corp.example");
  expect((await stranger.visitor.send("GET", "/api/identity/me")).statusCode).toBe(401);
  const thief = await signOnAt("ada@example.com", "ada@example.com");
  expect((await thief.visitor.send("GET", "/api/identity/me")).statusCode).toBe(401);
});

test("a program signs people on by code and PKCE, learns their groups, and loses them with the session", async () => {
  const redirect = "https://grafana.example/login/generic_oauth";
  const clients = [
    {
      ...{ id: "grafana", name: "Dashboards", secret: clientSecret, pkce: true },
      ...{ redirectUris: [redirect], postLogoutRedirectUris: ["https://grafana.example/"] },
    },
  ];
  const on = await platform({ clients }, [], { requests: 1 });
  const ada = await firstAdministrator(on);
  const discovery = (await ada.send("GET", "/api/auth/.well-known/openid-configuration")).json();
  expect(discovery).toMatchObject({ issuer: `${origin}/api/auth`, code_challenge_methods_supported: ["S256"] });
  expect((await ada.send("GET", "/api/auth/jwks")).json().keys[0]).not.toHaveProperty("d");

  const verifier = randomBytes(32).toString("base64url");
  const query = (more: Record<string, string> = {}) =>
    new URLSearchParams({
      ...{ client_id: "grafana", response_type: "code", redirect_uri: redirect, scope: "openid email profile groups" },
      ...{ state: "s", code_challenge_method: "S256" },
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      ...more,
    });
  const navigate = { "sec-fetch-mode": "navigate", accept: "text/html" };
  const authorize = async (more?: Record<string, string>) =>
    String((await ada.send("GET", `/api/auth/oauth2/authorize?${query(more)}`, undefined, navigate)).headers.location);

  const bad = await authorize({ redirect_uri: "https://evil.example/" });
  expect(bad.startsWith("https://evil.example")).toBe(false);
  const plain = new URL(await authorize({ code_challenge: "", code_challenge_method: "" }));
  expect(plain.searchParams.get("code")).toBeNull();

  const codeFrom = async () => new URL(await authorize()).searchParams.get("code") ?? "";
  const form = async (path: string, fields: Record<string, string>, secret = clientSecret) =>
    on.app.inject({
      method: "POST",
      url: `/api/auth/oauth2/${path}`,
      headers: {
        host: "localhost:4400",
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Basic ${Buffer.from(`grafana:${secret}`).toString("base64")}`,
      },
      payload: new URLSearchParams(fields).toString(),
    });
  const exchange = async () => ({
    ...{ grant_type: "authorization_code", redirect_uri: redirect, code_verifier: verifier },
    code: await codeFrom(),
  });
  // A code is spent by the first attempt, whoever makes it.
  expect((await form("token", await exchange(), "x".repeat(43))).statusCode).toBe(401);
  expect((await form("token", { ...(await exchange()), code_verifier: "y".repeat(43) })).statusCode).toBe(401);
  const spent = await exchange();
  const tokens = await form("token", spent);
  expect(tokens.statusCode, tokens.body).toBe(200);
  const { access_token, id_token } = tokens.json();
  const claims = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({ preferred_username: "ada" });
  expect(claims.groups).toEqual(expect.arrayContaining(["example-ltd:owner", "devflow:administrators"]));
  const info = () =>
    new Visitor(on.app).send("GET", "/api/auth/oauth2/userinfo", undefined, {
      authorization: `Bearer ${access_token}`,
    });
  expect((await info()).json()).toMatchObject({ email: "ada@example.com", preferred_username: "ada" });

  const { rows } = await on.owner.query('select token from identity."oauthAccessToken"');
  expect(JSON.stringify(rows)).not.toContain(access_token);
  expect((await ada.send("POST", "/api/identity/sign-out")).statusCode).toBe(200);
  expect((await info()).statusCode).toBe(401);
  expect((await form("token", spent)).statusCode).toBe(400);
});
