import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { serveReference } from "./reference/server.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

/** What users of other gateways and of Archon complain about, which no other test is named after. */

const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const call = {
  ...{ jsonrpc: "2.0", id: 2, method: "tools/call" },
  params: { name: "find_scribbles", arguments: { query: "a word" } },
};

function post(rig: Rig, body: object, headers: Record<string, string> = {}, path = "/mcp"): Promise<Response> {
  const own = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  return fetch(`${rig.url}${path}`, {
    method: "POST",
    headers: { ...rig.admin.headers, ...own, ...headers },
    body: JSON.stringify(body),
  });
}

it("any client connects with an address and a key alone (Archon #463, #497, #789, #916, #920)", async () => {
  const rig = await startMcpGateway({ services: [notesWithTools] });
  for (const [which, connect] of [
    ["2026", () => client(rig)],
    ["2025", () => client(rig, { mode: "legacy" })],
    ["the SDK's first line", () => formerClient(rig)],
    ["HTTP with SSE", () => formerClient(rig, { path: "/mcp/sse", sse: true })],
    ["with a slash at the end", () => client(rig, { path: "/mcp/" })],
    ["with a slash, former", () => formerClient(rig, { path: "/mcp/servers/devflow/" })],
  ] as const) {
    const one = await connect();
    const { tools } = await one.listTools();
    expect([which, tools.map(({ name }: { name: string }) => name)]).toEqual([
      which,
      expect.arrayContaining(["find_scribbles"]),
    ]);
    expect(words(await one.callTool(call.params))).toContain("a word");
  }
});

it('no request is refused for a "Missing session ID": it is answered by itself (Archon #463, #497, #789, #916, #920)', async () => {
  const rig = await startMcpGateway({ services: [notesWithTools] });
  for (const version of [undefined, "2025-03-26", "2025-06-18", "2025-11-25"]) {
    const headers = version ? { "mcp-protocol-version": version } : {};
    for (const [body, says] of [
      [list, "find_scribbles"],
      [call, "a word"],
      [{ jsonrpc: "2.0", id: 3, method: "ping" }, '"id":3'],
    ] as const) {
      const answer = await post(rig, body, headers);
      expect([version, body.method, answer.status]).toEqual([version, body.method, 200]);
      expect(await answer.text()).toContain(says);
    }
  }
  const told = await post(rig, { jsonrpc: "2.0", method: "notifications/initialized" });
  expect(told.status).toBe(202);
  // A session that is gone says so, by which a client knows to begin anew; and so does one of somebody else.
  const gone = await post(rig, list, { "mcp-session-id": "of-a-former-life" });
  expect([gone.status, await gone.json()]).toEqual([404, expect.objectContaining({ error: expect.anything() })]);
  // Somebody opens the address in a browser.
  const seen = await fetch(`${rig.url}/mcp`, { headers: { ...rig.admin.headers, accept: "text/html" } });
  expect([seen.status, await seen.text()]).toEqual([405, expect.stringContaining("docs/mcp")]);
});

it("what stands alone has the caller's rights, as in a session: no more, and nobody else's", async () => {
  const rig = await startMcpGateway({ services: [notesWithTools] });
  const bare = await post(rig, list, { authorization: "" });
  expect(bare.status).toBe(401);
  await rig.ask("PUT", "/rules", { tool: "find_*", effect: "deny" });
  await expect
    .poll(async () => (await (await post(rig, call)).text()).includes("a word"), { timeout: 10_000 })
    .toBe(false);
});

it("calls without a session do not begin anew at the server each time (ContextForge #6481)", async () => {
  const reference = await serveReference();
  onTestFinished(() => reference.close());
  const begun: string[] = [];
  const counting = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const method = body.length > 0 ? (JSON.parse(body.toString()) as { method?: string }).method : undefined;
    if (method === "initialize" || method === "server/discover") begun.push(method);
    const { host: _, connection: __, "content-length": ___, "transfer-encoding": ____, ...headers } = request.headers;
    const answer = await fetch(reference.url, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const { "content-encoding": _____, "transfer-encoding": ______, ...told } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, told).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => counting.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    counting.closeAllConnections();
    counting.close();
  });
  const rig = await startMcpGateway();
  const { port } = counting.address() as AddressInfo;
  await rig.add({ name: "remote", transport: "http", url: `http://127.0.0.1:${port}/mcp` });
  const one = await client(rig);
  for (let n = 0; n < 10; n++) {
    expect(words(await one.callTool({ name: "remote__test_simple_text", arguments: {} }))).toContain("simple text");
  }
  for (let n = 0; n < 10; n++) {
    const body = { ...call, params: { name: "remote__test_simple_text", arguments: {} } };
    expect(await (await post(rig, body)).text()).toContain("simple text");
  }
  expect(begun.length).toBeLessThanOrEqual(2);
});
