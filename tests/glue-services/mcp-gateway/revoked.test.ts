import { get } from "node:http";
import { request } from "undici";
import { expect, it, onTestFinished } from "vitest";
import { people } from "../build.ts";
import { ask, initialize, platformWithSignOn, post, type Signed, tokens } from "./oauth.ts";
import { serveReference } from "./reference/server.ts";
import { colleague, startMcpGateway } from "./rig.ts";

// Whoever's right ends stops hearing at once, and not only with their next request (Tr3kkR/Yuzu#3788, sandialabs/atlas-ui-3#560).

/** A stream that stays open: its status, and when it has ended. */
function listen(url: string, headers: Record<string, string>): Promise<{ status: number; ended: () => boolean }> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { headers: { accept: "text/event-stream", ...headers } }, (answer) => {
      let over = false;
      const end = () => {
        over = true;
      };
      answer.on("error", end).on("close", end).resume();
      resolve({ status: answer.statusCode ?? 0, ended: () => over });
    });
    sent.on("error", reject);
    onTestFinished(() => void sent.destroy());
  });
}

async function session(on: Signed, path: string, token: string): Promise<Record<string, string>> {
  const answer = await post(on, path, token, initialize);
  await answer.body?.cancel();
  return { authorization: `Bearer ${token}`, "mcp-session-id": answer.headers.get("mcp-session-id") ?? "" };
}

it("streams of sessions, of the transport before 2025 and of subscriptions end with the key or consent they were opened by, and others stay", async () => {
  const on = await platformWithSignOn();
  const makeKey = async (name: string) => {
    const body = { name, scopes: ["mcp:use"] };
    return on.ada.ok<{ id: string; key: string }>("POST", "/api/identity/keys", body);
  };
  const [revoked, kept, agent] = [await makeKey("one"), await makeKey("other"), await tokens(on)];
  const subscription = async (token: string) => {
    const version = "2026-07-28";
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": version,
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = { _meta, notifications: { toolsListChanged: true } };
    const answer = await fetch(`${on.url}/mcp`, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${token}`, "mcp-protocol-version": version, "mcp-method": "subscriptions/listen" },
        ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params }),
    });
    let over = false;
    const reader = answer.body?.getReader();
    const read = async () => {
      for (;;) if ((await reader?.read())?.done) return;
    };
    void read().then(
      () => (over = true),
      () => (over = true),
    );
    onTestFinished(() => void reader?.cancel().catch(() => {}));
    return { status: answer.status, ended: () => over };
  };
  const open = async (token: string) => [
    await listen(`${on.url}/mcp`, await session(on, "/mcp", token)),
    await listen(`${on.url}/mcp/sse`, { authorization: `Bearer ${token}` }),
    await subscription(token),
  ];
  const [byKey, byOther, byAgent] = [await open(revoked.key), await open(kept.key), await open(agent.access_token)];
  for (const streams of [byKey, byOther, byAgent]) expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
  const ended = (streams: { ended(): boolean }[]) => streams.map((one) => one.ended());
  const [all, none] = [
    [true, true, true],
    [false, false, false],
  ];
  await on.ada.ok("DELETE", `/api/identity/keys/${revoked.id}`);
  await expect.poll(() => ended(byKey)).toEqual(all);
  expect([ended(byOther), ended(byAgent)]).toEqual([none, none]);
  const [connected] = await on.ada.ok<{ id: string }[]>("GET", "/api/identity/me/agents");
  await on.ada.ok("DELETE", `/api/identity/me/agents/${connected?.id}`);
  await expect.poll(() => ended(byAgent)).toEqual(all);
  expect(ended(byOther)).toEqual(none);
});

it("a stream that is passed on to one server ends with its caller's right too, and one that only lost a scope it does not need stays", async () => {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "reference", transport: "http", url: reference.url });
  const who = colleague(rig, { scopes: ["mcp:use", "knowledge:read"] });
  const path = "/mcp/servers/reference";
  const headers = { ...who.headers, host: "localhost" };
  const begun = await request(`${rig.url}${path}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...initialize }),
  });
  await begun.body.dump();
  const id = String(begun.headers["mcp-session-id"]);
  const stream = await listen(`${rig.url}${path}`, { ...headers, "mcp-session-id": id });
  expect(stream.status).toBe(200);
  people.set(who.headers.authorization, { ...who.identity, scopes: ["mcp:use"] });
  // Of a later one it is known that both were looked at since.
  const later = colleague(rig, { scopes: ["mcp:use"] });
  const other = await listen(`${rig.url}/mcp/sse`, { ...later.headers, host: "localhost" });
  people.set(later.headers.authorization, { ...later.identity, scopes: [] });
  await expect.poll(other.ended).toBe(true);
  expect(stream.ended()).toBe(false);
  people.set(who.headers.authorization, { ...who.identity, scopes: [] });
  await expect.poll(stream.ended).toBe(true);
});

it("a client that refreshes its token goes on with the session it has (liketrek/TREK#1475)", async () => {
  const on = await platformWithSignOn();
  const { access_token, refresh_token, client_id } = await tokens(on, { scope: "mcp:use offline_access" });
  const headers = await session(on, "/mcp", access_token);
  const renewed = await ask(on, { grant_type: "refresh_token", client_id, refresh_token });
  const next = (await renewed.json()) as { access_token: string };
  const answer = await fetch(`${on.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ ...headers, authorization: `Bearer ${next.access_token}`, "mcp-protocol-version": "2025-11-25" },
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"tools"')]);
});

it("a stream for a session that is gone is answered 404, so that its client begins anew (danny-avila/LibreChat#11868)", async () => {
  const on = await platformWithSignOn();
  const { access_token } = await tokens(on);
  const gone = `${crypto.randomUUID()}.${crypto.randomUUID()}`;
  const headers = { authorization: `Bearer ${access_token}`, "mcp-session-id": gone };
  expect((await listen(`${on.url}/mcp`, headers)).status).toBe(404);
  const posted = await fetch(`${on.url}/mcp`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }),
  });
  expect(posted.status).toBe(404);
});
