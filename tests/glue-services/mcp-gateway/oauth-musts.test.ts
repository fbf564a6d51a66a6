import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { registerClients } from "../../../glue-services/identity/clients.ts";
import { sweep } from "../../../glue-services/identity/sweep.ts";
import { strong } from "../identity/platform.ts";
import { notesWithTools } from "./notes-tools.ts";
import {
  ask,
  authorization,
  type Browser,
  browser,
  initialize,
  platformWithSignOn,
  post,
  redirect,
  register,
  type Signed,
  tokens,
  verifier,
} from "./oauth.ts";

/** Whoever may speak to the gateway gets further than to be asked who they are. */
async function status(on: Signed, path: string, token: string | undefined): Promise<number> {
  const answer = await post(on, path, token, initialize);
  await answer.body?.cancel();
  return answer.status;
}

function soon(probe: () => Promise<number>) {
  return expect.poll(probe, { interval: 20 });
}

describe("the gateway as a resource server (RFC 9728, 6750, 8707)", () => {
  it("describes itself at the root and for each address, and names who makes its tokens", async () => {
    const on = await platformWithSignOn();
    const at = async (path: string) => {
      const answer = await fetch(`${on.url}/.well-known/oauth-protected-resource${path}`);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      return answer.json();
    };
    const common = { authorization_servers: [`${on.url}/api/auth`], bearer_methods_supported: ["header"] };
    expect(await at("")).toMatchObject({ ...common, resource: `${on.url}/mcp` });
    expect(await at("/mcp")).toMatchObject({ ...common, resource: `${on.url}/mcp` });
    const one = { ...common, resource: `${on.url}/mcp/servers/some`, scopes_supported: ["mcp:use"] };
    expect(await at("/mcp/servers/some")).toMatchObject(one);
    const nothing = await fetch(`${on.url}/.well-known/oauth-protected-resource/api`);
    expect(nothing.status).toBe(404);
  });

  it("answers 401 with where to read on and which scopes to ask for, and says when a token was wrong", async () => {
    const on = await platformWithSignOn();
    const where = `resource_metadata="${on.url}/.well-known/oauth-protected-resource/mcp"`;
    const none = await post(on, "/mcp", undefined, initialize);
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toBe(`Bearer scope="mcp:use *:read *:write *:run", ${where}`);
    const wrong = await post(on, "/mcp", "wrong", initialize);
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toContain(`Bearer error="invalid_token", scope=`);
    // The transport before 2025 has other addresses below, and is the same resource.
    const stream = await fetch(`${on.url}/mcp/sse`);
    expect(stream.headers.get("www-authenticate")).toContain(where);
  });

  it("takes a token at the address it was made for and nowhere else on the platform", async () => {
    const on = await platformWithSignOn([notesWithTools]);
    const [all, one] = [await tokens(on), await tokens(on, { path: "/mcp/servers/devflow" })];
    expect(decodeJwt(one.access_token).aud).toBe(`${on.url}/mcp/servers/devflow`);
    expect(await status(on, "/mcp", all.access_token)).toBe(200);
    expect(await status(on, "/mcp/servers/devflow", one.access_token)).toBe(200);
    expect(await status(on, "/mcp", one.access_token)).toBe(401);
    expect(await status(on, "/mcp/servers/devflow", all.access_token)).toBe(401);
    for (const path of ["/api/mcp/servers", "/api/identity/me", "/api/identity/people"]) {
      const headers = { authorization: `Bearer ${all.access_token}` };
      expect((await fetch(`${on.url}${path}`, { headers })).status, path).toBe(401);
    }
    const stream = await fetch(`${on.url}/mcp/sse`, { headers: { authorization: `Bearer ${all.access_token}` } });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  it("never takes a token from the address", async () => {
    const on = await platformWithSignOn();
    const { access_token } = await tokens(on);
    expect(await status(on, `/mcp?access_token=${access_token}`, undefined)).toBe(401);
  });

  it("refuses what somebody else signed, what was changed, what has ended and what is no access token", async () => {
    const on = await platformWithSignOn();
    const { access_token } = await tokens(on);
    const [header = "", payload = "", signature = ""] = access_token.split(".");
    const more = Buffer.from(JSON.stringify({ ...decodeJwt(access_token), scope: "mcp:use *:write" }));
    const { privateKey } = await generateKeyPair("RS256");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
    const sign = (typ: string, claims: object) =>
      new SignJWT({ ...decodeJwt(access_token), ...claims })
        .setProtectedHeader({ alg: "RS256", kid, typ })
        .sign(privateKey);
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url");
    const wrong = [
      `${header}.${more.toString("base64url")}.${signature}`,
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      await sign("at+jwt", {}),
      await sign("JWT", {}),
    ];
    for (const token of wrong) expect(await status(on, "/mcp", token)).toBe(401);
    expect(await status(on, "/mcp", access_token)).toBe(200);
    const { consent } = decodeJwt(access_token);
    await on.owner.query(`delete from identity."oauthConsent" where id = $1`, [consent]);
    await soon(() => status(on, "/mcp", access_token)).toBe(401);
  });

  it("answers 403 insufficient_scope to a token that was made for less", async () => {
    const on = await platformWithSignOn();
    const { access_token } = await tokens(on, { scope: "*:read" });
    const answer = await post(on, "/mcp", access_token, initialize);
    expect(answer.status).toBe(403);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer error="insufficient_scope", scope="mcp:use /);
  });

  it("passes no token of a caller on to a server, by none of its ways", async () => {
    const on = await platformWithSignOn();
    const seen: string[] = [];
    const server = createServer((asked, answer) => {
      asked.on("data", (part) => seen.push(String(part)));
      seen.push(JSON.stringify([asked.url, asked.rawHeaders]));
      answer.setHeader("content-type", "application/json");
      const text = { content: [{ type: "text", text: "done" }] };
      asked.on("end", () => answer.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: text })));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await on.ada.ok("PUT", "/api/mcp/servers", { name: "looks", transport: "http", url });
    const call = { method: "tools/call", params: { name: "x", arguments: {} } };
    const one = await tokens(on, { path: "/mcp/servers/looks" });
    expect((await post(on, "/mcp/servers/looks", one.access_token, call)).status).toBe(200);
    const all = await tokens(on);
    const envelope = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
    await post(on, "/mcp", all.access_token, {
      ...{ method: "tools/call", params: { name: "looks__x", arguments: {}, _meta: envelope } },
    });
    expect(seen.length).toBeGreaterThan(0);
    for (const token of [one.access_token, all.access_token]) expect(seen.join()).not.toContain(token);
    expect(seen.join()).not.toContain("Bearer");
  });

  it("goes on taking keys", async () => {
    const on = await platformWithSignOn();
    const { key } = await on.ada.ok<{ key: string }>("POST", "/api/identity/keys", { name: "k", scopes: ["mcp:use"] });
    expect(await status(on, "/mcp", key)).toBe(200);
  });
});

describe("the authorization server (OAuth 2.1, RFC 8414, 7591, 7636, 8707, 9207)", () => {
  it("is described wherever clients look, always as itself", async () => {
    const on = await platformWithSignOn();
    for (const path of [
      "/.well-known/oauth-authorization-server/api/auth",
      "/.well-known/openid-configuration/api/auth",
      "/api/auth/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server",
    ]) {
      const answer = await fetch(`${on.url}${path}`);
      expect(await answer.json(), path).toMatchObject({
        issuer: `${on.url}/api/auth`,
        registration_endpoint: `${on.url}/api/auth/oauth2/register`,
        code_challenge_methods_supported: ["S256"],
        response_types_supported: ["code"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: true,
      });
    }
  });

  it("registers public clients with PKCE only, for the addresses of sites and of this computer", async () => {
    const on = await platformWithSignOn();
    const send = async (more: object) => {
      const body = JSON.stringify({ client_name: "x", redirect_uris: [redirect], ...more });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${on.url}/api/auth/oauth2/register`, { method: "POST", headers, body });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    for (const bad of [
      "http://example.com/callback",
      "https://localhost/callback",
      "http://127.0.0.1.example.com/",
      "http://localhost@example.com/",
      "https://user:password@example.com/",
      "https://example.com/#part",
      "javascript:alert(1)",
      "editor://callback",
      "/callback",
      7,
    ]) {
      const { status, body } = await send({ redirect_uris: [redirect, bad] });
      expect(status, String(bad)).toBe(400);
      expect(body.error).toBe("invalid_redirect_uri");
    }
    expect((await send({ redirect_uris: [] })).status).toBe(400);
    const { status, body } = await send({
      ...{ token_endpoint_auth_method: "client_secret_post", grant_types: ["client_credentials"], scope: "openid" },
      ...{ skip_consent: true, jwks_uri: "http://169.254.169.254/", backchannel_logout_uri: "https://a.example/" },
      ...{ client_name: "A \u202Eprogram\n", redirect_uris: ["http://localhost:1/a", "https://editor.example/b"] },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ token_endpoint_auth_method: "none", client_name: "A program" });
    expect(body.grant_types).toEqual(["authorization_code", "refresh_token"]);
    for (const field of ["client_secret", "jwks_uri", "backchannel_logout_uri"]) expect(body).not.toHaveProperty(field);
    const { rows } = await on.owner.query(`select "skipConsent", "jwksUri" from identity."oauthClient"`);
    expect(rows).toEqual([{ skipConsent: null, jwksUri: null }]);
  });

  it("lets an address register so often and no more, and says when it may again", async () => {
    const on = await platformWithSignOn();
    for (let count = 0; count < 30; count++) await register(on);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${on.url}/api/auth/oauth2/register`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("sends nobody anywhere but to an address that the client registered", async () => {
    const on = await platformWithSignOn();
    const client = await register(on);
    for (const redirect_uri of [
      "http://localhost:33418/elsewhere",
      "https://evil.example/callback",
      "http://localhost:33418/callback/../elsewhere",
    ]) {
      const { location } = await on.ada.send("GET", authorization(on, client, { redirect_uri }));
      expect(new URL(location, on.url).origin, redirect_uri).toBe(on.url);
    }
    // A program on this computer may listen on another port each time (RFC 8252).
    const other = authorization(on, client, { redirect_uri: "http://localhost:4999/callback" });
    expect((await on.ada.send("GET", other)).location).toMatch(/^\/consent\?/);
  });

  it("demands PKCE with S256, and a verifier that fits", async () => {
    const on = await platformWithSignOn();
    const client_id = await register(on);
    for (const more of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: "plain" },
    ]) {
      const back = await on.ada.agree(authorization(on, client_id, more));
      expect(back.searchParams.get("error")).toBe("invalid_request");
    }
    const back = await on.ada.agree(authorization(on, client_id));
    const code = back.searchParams.get("code") ?? "";
    const grant = { grant_type: "authorization_code", code, client_id, redirect_uri: redirect };
    expect((await ask(on, { ...grant, code_verifier: "x".repeat(43) })).status).toBeGreaterThanOrEqual(400);
  });

  it("makes tokens for the gateway's own addresses only", async () => {
    const on = await platformWithSignOn();
    const client = await register(on);
    for (const resource of [
      "https://other.example/mcp",
      `${on.url}/api`,
      `${on.url}/mcp%2F`,
      `${on.url}/mcp/servers/`,
      `${on.url}/mcp?x=1`,
      `${on.url.replace("localhost", "localhost.evil.example")}/mcp`,
    ]) {
      const back = await on.ada.agree(authorization(on, client, { resource }));
      expect(back.searchParams.get("error"), resource).toBe("invalid_target");
    }
    const back = await on.ada.agree(authorization(on, client, { scope: "openid email" }));
    expect(back.searchParams.get("error")).toBe("invalid_scope");
  });

  it("knows its own address in whatever way a client writes it", async () => {
    const on = await platformWithSignOn();
    const client_id = await register(on);
    const [capitals, encoded] = [on.url.replace("http://localhost", "HTTP://LOCALHOST"), `${on.url}/%6Dcp`];
    for (const resource of [`${on.url}/mcp/`, `${capitals}/mcp`, encoded, `${on.url}/x/../mcp`]) {
      const back = await on.ada.agree(authorization(on, client_id, { scope: "mcp:use", resource }));
      const code = back.searchParams.get("code") ?? "";
      const grant = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
      const answer = await ask(on, { ...grant, client_id, resource });
      expect(answer.status, resource).toBe(200);
      const { access_token } = (await answer.json()) as { access_token: string };
      expect(await status(on, "/mcp", access_token), resource).toBe(200);
    }
  });

  it("a token for one address cannot be turned into one for another, nor into more", async () => {
    const on = await platformWithSignOn();
    const { refresh_token, client_id } = await tokens(on, { path: "/mcp/servers/devflow", scope: "mcp:use" });
    const grant = { grant_type: "refresh_token", refresh_token, client_id };
    const elsewhere = await ask(on, { ...grant, resource: `${on.url}/mcp` });
    expect(await elsewhere.json()).toMatchObject({ error: "invalid_target" });
    const more = await ask(on, { ...grant, scope: "mcp:use *:write" });
    expect(await more.json()).toMatchObject({ error: "invalid_scope" });
  });

  it("a code that is used twice, and a refresh token that is, end what was given for it", async () => {
    const on = await platformWithSignOn();
    const first = await tokens(on);
    const grant = { grant_type: "authorization_code", code: first.code, redirect_uri: redirect };
    const again = await ask(on, { ...grant, client_id: first.client_id, code_verifier: "x".repeat(43) });
    expect(again.status).toBe(400);
    await soon(() => status(on, "/mcp", first.access_token)).toBe(401);

    const { client_id, refresh_token } = await tokens(on);
    const refresh = (value: string) => ask(on, { grant_type: "refresh_token", client_id, refresh_token: value });
    const next = (await (await refresh(refresh_token)).json()) as { access_token: string; refresh_token: string };
    expect(await status(on, "/mcp", next.access_token)).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(400);
    expect((await refresh(next.refresh_token)).status).toBe(400);
    await soon(() => status(on, "/mcp", next.access_token)).toBe(401);
  });

  it("an access token that is revoked opens nothing any more, and only its own client revokes it", async () => {
    const on = await platformWithSignOn();
    const { access_token: token, client_id } = await tokens(on);
    const revoke = async (client: string) => {
      const body = new URLSearchParams({ token, client_id: client });
      return (await fetch(`${on.url}/api/auth/oauth2/revoke`, { method: "POST", body })).status;
    };
    expect(await revoke(await register(on))).toBe(400);
    expect(await status(on, "/mcp", token)).toBe(200);
    expect(await revoke(client_id)).toBe(200);
    await soon(() => status(on, "/mcp", token)).toBe(401);
    expect(await revoke(client_id)).toBe(200);
  });

  it("a token is revoked by the platform's own address, whatever the address of the request says", async () => {
    const on = await platformWithSignOn();
    const { access_token: token, client_id } = await tokens(on);
    const answer = await on.app.inject({
      method: "POST",
      url: "/api/auth/oauth2/revoke",
      // As from the container of a proxy: neither scheme nor host of the request are those that made the token.
      remoteAddress: "172.18.0.5",
      headers: {
        host: "platform:4401",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "elsewhere.example",
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: new URLSearchParams({ token, client_id }).toString(),
    });
    expect(answer.statusCode).toBe(200);
    await soon(() => status(on, "/mcp", token)).toBe(401);
  });

  it("signing out of the browser ends no agent that may stay connected; ending that session from elsewhere does", async () => {
    const on = await platformWithSignOn();
    const renewed = async ({ client_id, refresh_token }: Awaited<ReturnType<typeof tokens>>) =>
      ask(on, { grant_type: "refresh_token", client_id, refresh_token });
    const stays = await tokens(on);
    await on.ada.ok("POST", "/api/identity/sign-out");
    await soon(() => status(on, "/mcp", stays.access_token)).toBe(401);
    const again = await renewed(stays);
    expect(again.status).toBe(200);
    expect(await status(on, "/mcp", ((await again.json()) as { access_token: string }).access_token)).toBe(200);

    await on.ada.ok("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
    const ends = await tokens(on);
    const elsewhere = browser(on.url);
    await elsewhere.ok("POST", "/api/auth/sign-in/email", { email: "ada@example.com", password: strong });
    const sessions = await elsewhere.ok<{ id: string; current: boolean }[]>("GET", "/api/identity/me/sessions");
    for (const { id, current } of sessions) {
      if (!current) await elsewhere.ok("DELETE", `/api/identity/me/sessions/${id}`);
    }
    await soon(() => status(on, "/mcp", ends.access_token)).toBe(401);
    expect((await renewed(ends)).status).toBe(400);
  });

  it("registered programs outlive a restart; those that nobody agreed to are forgotten after a day", async () => {
    const on = await platformWithSignOn();
    const { client_id } = await tokens(on);
    const unused = await register(on);
    const database = await on.owner.connect();
    onTestFinished(() => database.release(true));
    await database.query("set search_path = identity");
    const left = async () => {
      const { rows } = await database.query<{ id: string }>(
        `select "clientId" as id from "oauthClient" where not coalesce(disabled, false)`,
      );
      return rows.map(({ id }) => id).toSorted();
    };
    await registerClients(database as never, []);
    expect(await left()).toEqual([client_id, unused].toSorted());
    await database.query(`update "oauthClient" set "createdAt" = now() - interval '25 hours'`);
    await sweep.run({}, { database: { pool: database } } as never);
    expect(await left()).toEqual([client_id]);
  });
});

describe("consent", () => {
  it("cannot be given for what was not asked, from another site, by a key or by nobody", async () => {
    const on = await platformWithSignOn();
    const client = await register(on);
    const { location } = await on.ada.send("GET", authorization(on, client, { scope: "mcp:use" }));
    const page = await on.ada.send("GET", location);
    const organisation = /data-organisation="([^"]+)"/.exec(page.text)?.[1];
    const asked = location.slice("/consent?".length);
    const agree = (who: Browser, oauth_query: string, more: object = {}) =>
      who.send("POST", "/api/auth/oauth2/consent", { accept: true, organisation, oauth_query, ...more });
    const more = new URLSearchParams(asked);
    more.set("scope", "mcp:use *:write");
    expect((await agree(on.ada, more.toString())).status).toBe(400);
    more.set("scope", "mcp:use");
    more.set("redirect_uri", "http://localhost:1/callback");
    expect((await agree(on.ada, more.toString())).status).toBe(400);
    expect((await agree(on.ada, asked, { scope: "mcp:use *:write" })).status).toBe(400);
    expect((await agree(on.ada, asked, { organisation: crypto.randomUUID() })).status).toBe(409);
    expect((await agree(browser(on.url), asked)).status).toBe(401);
    const cookie = [...on.ada.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const foreign = await fetch(`${on.url}/api/auth/oauth2/consent`, {
      ...{ method: "POST", body: JSON.stringify({ accept: true, organisation, oauth_query: asked }) },
      headers: { cookie, origin: "https://evil.example", "content-type": "application/json" },
    });
    expect(foreign.status).toBe(403);
    expect((await on.owner.query(`select from identity."oauthConsent"`)).rowCount).toBe(0);
    expect((await agree(on.ada, asked)).status).toBe(200);
    const { rows } = await on.owner.query(`select details from identity.audit where action = 'agent.connected'`);
    expect(rows).toHaveLength(1);
  });

  it("gives no more than the person may, now and later, in the organisation it was given for", async () => {
    const on = await platformWithSignOn([notesWithTools]);
    const { link } = await on.ada.ok<{ link: string }>("POST", "/api/identity/invitations", {
      ...{ email: "bea@example.com", roles: ["developer"] },
    });
    const bea = browser(on.url);
    await bea.ok("POST", "/api/identity/join", { token: link.split("#")[1], name: "Bea", password: strong });
    const { access_token } = await tokens(on, { who: bea, scope: "mcp:use *:read *:write *:run" });
    const requestInit = { headers: { authorization: `Bearer ${access_token}` } };
    const agent = new Client({ name: "test", version: "1" });
    await agent.connect(new StreamableHTTPClientTransport(new URL("/mcp", on.url), { requestInit }));
    onTestFinished(() => agent.close());
    // scribbles:manage is what no agent gets by a consent, whatever its person may.
    const offered = (await agent.listTools()).tools.map(({ name }) => name);
    expect(offered).toContain("find_scribbles");
    expect(offered).not.toContain("erase_scribbles");
    const people = await on.ada.ok<{ id: string; email: string }[]>("GET", "/api/identity/people");
    const id = people.find(({ email }) => email === "bea@example.com")?.id;
    await on.ada.ok("PATCH", `/api/identity/people/${id}`, { roles: ["viewer"] });
    await soon(() => status(on, "/mcp", access_token)).toBe(403);
    await on.ada.ok("PATCH", `/api/identity/people/${id}`, { roles: ["developer"] });
    await soon(() => status(on, "/mcp", access_token)).toBe(200);
    await on.ada.ok("DELETE", `/api/identity/people/${id}`);
    await soon(() => status(on, "/mcp", access_token)).toBe(401);
  });
});
