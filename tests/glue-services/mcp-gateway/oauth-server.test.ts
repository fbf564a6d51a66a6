import { describe, expect, it, onTestFinished } from "vitest";
import { registerClients } from "../../../glue-services/identity/clients.ts";
import { sweep } from "../../../glue-services/identity/sweep.ts";
import { strong } from "../identity/platform.ts";
import {
  ask,
  authorization,
  browser,
  platformWithSignOn,
  redirect,
  register,
  soon,
  status,
  tokens,
  verifier,
} from "./oauth.ts";

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
    await on.owner.query(`update identity."oauthRefreshToken" set "rotationReplayExpiresAt" = now() - interval '1 s'`);
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
