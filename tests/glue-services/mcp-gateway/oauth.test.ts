import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as FormerClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FormerTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { type Kept, platformWithSignOn, provider, type Signed } from "./oauth.ts";

const lines = {
  "the SDK's second line": async (on: Signed, kept: Kept, path = "/mcp") => {
    const transport = new StreamableHTTPClientTransport(new URL(path, on.url), { authProvider: kept });
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const finish = (back: URL) => transport.finishAuth(back.searchParams);
    return { client, finish, connect: () => client.connect(transport) };
  },
  "the SDK's first line": async (on: Signed, kept: Kept, path = "/mcp") => {
    const transport = new FormerTransport(new URL(path, on.url), { authProvider: kept as never });
    const client = new FormerClient({ name: "test", version: "1" });
    const finish = (back: URL) => transport.finishAuth(back.searchParams.get("code") ?? "");
    return { client, finish, connect: () => client.connect(transport as never) };
  },
};

describe("a client that knows nothing but the address", () => {
  for (const [line, open] of Object.entries(lines)) {
    it(`of ${line} registers, gets its person's consent, calls, refreshes and gives its access up`, async () => {
      const on = await platformWithSignOn([notesWithTools]);
      const kept = provider();
      const first = await open(on, kept);
      await expect(first.connect()).rejects.toThrow(/[Uu]nauthorized/);
      const back = await on.ada.agree(kept.sentTo ?? "");
      expect(back.href).toMatch(/^http:..localhost:33418.callback.code=/);
      expect(back.searchParams.get("iss")).toBe(`${on.url}/api/auth`);
      await first.finish(back);
      const call = async () => {
        const { client, connect } = await open(on, kept);
        await connect();
        onTestFinished(() => client.close());
        expect((await client.listTools()).tools.map(({ name }) => name)).toContain("find_scribbles");
        return client.callTool({ name: "find_scribbles", arguments: { query: "a word" } });
      };
      expect(words(await call())).toContain("a word");

      // What it was given has ended: it refreshes by itself.
      const [access, refresh] = [kept.saved.tokens?.access_token, kept.saved.tokens?.refresh_token];
      await on.owner.query(`update identity."oauthConsent" set "cutAt" = clock_timestamp()`);
      await refused(on, String(access));
      expect(words(await call())).toContain("a word");
      expect(kept.saved.tokens?.access_token).not.toBe(access);
      expect(kept.saved.tokens?.refresh_token).not.toBe(refresh);

      const body = new URLSearchParams({
        token: String(kept.saved.tokens?.refresh_token),
        client_id: String(kept.saved.client?.client_id),
      });
      const revoked = await fetch(`${on.url}/api/auth/oauth2/revoke`, { method: "POST", body });
      expect(revoked.status).toBe(200);
      await refused(on, String(kept.saved.tokens?.access_token));
      kept.sentTo = undefined;
      await expect(call()).rejects.toThrow(/[Uu]nauthorized/);
      expect(kept.sentTo).toBeDefined();
    });
  }
});

/** Waits until every host has heard that a token counts no more. */
async function refused(on: Signed, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const ask = async () => (await fetch(`${on.url}/mcp`, { method: "POST", headers, body: "{}" })).status;
  await expect.poll(ask, { interval: 20 }).toBe(401);
}
