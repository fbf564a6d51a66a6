import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { strong } from "../identity/platform.ts";
import { notesWithTools } from "./notes-tools.ts";
import { authorization, type Browser, browser, platformWithSignOn, register, soon, status, tokens } from "./oauth.ts";

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
