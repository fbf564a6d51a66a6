import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { notesWithTools } from "./notes-tools.ts";
import { initialize, platformWithSignOn, post, soon, status, tokens } from "./oauth.ts";

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
