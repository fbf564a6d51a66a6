import { execFileSync } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { platformWithSignOn, post as postTo, tokens } from "./oauth.ts";
import { serveReference } from "./reference/server.ts";
import { colleague, type Rig, startMcpGateway } from "./rig.ts";

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
  await expect.poll(async () => (await (await post(rig, call)).text()).includes("a word")).toBe(false);
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

it("clients that vanish leave no more programs than one may have, and shut nobody out (metamcp #162, #128, supergateway #108)", async () => {
  const rig = await startMcpGateway();
  const mark = `devflow-vanished-${process.pid}-${Date.now()}`;
  await rig.add({ name: "counter", transport: "stdio", command: [process.execPath, "-e", counting, mark] });
  const count = async () => {
    const one = await formerClient(rig);
    const answer = await one.callTool({ name: "counter__count", arguments: {} });
    // It says nothing to the gateway when it goes, as a program that crashed.
    await one.close();
    return words(answer);
  };
  for (let vanished = 0; vanished < 20; vanished++) expect(await count()).toBe("1");
  await expect.poll(() => running(mark)).toBeLessThanOrEqual(12);
  expect(running(mark)).toBeGreaterThan(0);
});

it("a program that cannot be started takes nothing from who else is connected (supergateway #177, #153)", async () => {
  const rig = await startMcpGateway();
  await rig.add({ name: "counter", transport: "stdio", command: [process.execPath, "-e", counting] });
  await rig.add({ name: "missing", transport: "stdio", command: ["/nowhere/at-all"] });
  const all = await Promise.all([formerClient(rig), formerClient(rig), formerClient(rig, { who: colleague(rig) })]);
  for (const round of ["1", "2", "3"]) {
    const answers = await Promise.all(
      all.map(async (one) => {
        await expect(one.callTool({ name: "missing__x", arguments: {} })).rejects.toThrow(/missing/);
        return words(await one.callTool({ name: "counter__count", arguments: {} }));
      }),
    );
    expect(answers).toEqual([round, round, round]);
  }
});

it("what a server over HTTP keeps for one client's session reaches no other (ContextForge #4283, supergateway #18)", async () => {
  const counts = new Map<string, number>();
  const url = await serve(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method !== "POST") return response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(parts).toString()) as { id?: number; method: string };
    const answer = (result: object, headers = {}) =>
      response
        .writeHead(200, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    if (id === undefined) return response.writeHead(202).end();
    const info = { protocolVersion: "2025-11-25", capabilities: { tools: {} } };
    if (method === "initialize") {
      const session = `session-${counts.size}`;
      counts.set(session, 0);
      return answer({ ...info, serverInfo: { name: "keeps", version: "1" } }, { "mcp-session-id": session });
    }
    const session = String(request.headers["mcp-session-id"]);
    if (!counts.has(session)) return response.writeHead(400).end();
    if (method === "tools/list") return answer({ tools: [{ name: "count", inputSchema: { type: "object" } }] });
    counts.set(session, (counts.get(session) ?? 0) + 1);
    return answer({ content: [{ type: "text", text: String(counts.get(session)) }] });
  });
  const rig = await startMcpGateway();
  await rig.add({ name: "keeps", transport: "http", url: `${url}/mcp` });
  for (const [path, name] of [
    ["/mcp", "keeps__count"],
    ["/mcp/servers/keeps", "count"],
  ] as const) {
    const [one, same, other] = [
      await formerClient(rig, { path }),
      await formerClient(rig, { path }),
      await formerClient(rig, { path, who: colleague(rig) }),
    ];
    const count = async (who: typeof one) => words(await who.callTool({ name, arguments: {} }));
    expect([await count(one), await count(one), await count(same), await count(other)]).toEqual(["1", "2", "1", "1"]);
  }
});

it("a server's app finds its page, and its tools by the names it knows (agentgateway #2531, envoy ai-gateway #2425)", async () => {
  const app = `
    const page = { uri: "ui://board/page", mimeType: "text/html", text: "<p>A board</p>" };
    const tool = { name: "move_card", inputSchema: { type: "object" }, _meta: { ui: { resourceUri: page.uri } } };
    const results = { "tools/list": { tools: [tool] }, "resources/read": { contents: [page] },
      "resources/list": { resources: [{ uri: page.uri, name: "page" }] },
      "tools/call": { content: [{ type: "text", text: "moved" }], _meta: { ui: { changed: true } } } };
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line);
      const begun = { protocolVersion: params?.protocolVersion, capabilities: { tools: {}, resources: {} }, serverInfo: { name: "board", version: "1" } };
      const result = method === "initialize" ? begun : results[method];
      if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, ...(result ? { result } : { error: { code: -32601, message: method } }) }));
    });`;
  const rig = await startMcpGateway();
  await rig.add({ name: "board", transport: "stdio", command: [process.execPath, "-e", app] });
  for (const [path, prefix] of [
    ["/mcp", "board__"],
    ["/mcp/servers/board", ""],
  ] as const) {
    const one = await formerClient(rig, { path });
    const tool = (await one.listTools()).tools.find(({ name }) => name === `${prefix}move_card`);
    expect(tool?._meta).toEqual({ ui: { resourceUri: "ui://board/page" } });
    const { contents } = await one.readResource({ uri: "ui://board/page" });
    expect(contents[0]).toMatchObject({ text: "<p>A board</p>" });
    const moved = await one.callTool({ name: `${prefix}move_card`, arguments: {} });
    expect(moved._meta).toMatchObject({ ui: { changed: true } });
  }
});

it("agents register here whatever the organisation's own sign-on can do (envoy ai-gateway #2074)", async () => {
  const asked: string[] = [];
  const issuer = await serve((request, response) => {
    asked.push(String(request.url));
    response.writeHead(404).end();
  });
  const on = await platformWithSignOn([notesWithTools]);
  await on.owner.query(
    `insert into identity."ssoProvider" (issuer, "oidcConfig", "userId", "providerId", domain, "organizationId")
     select $1, $2, m."userId", 'corp', 'example.com', m."organizationId"::text from identity.member m`,
    [issuer, JSON.stringify({ issuer, clientId: "x", clientSecret: "y", pkce: true })],
  );
  const { access_token } = await tokens(on);
  const answer = await postTo(on, "/mcp", access_token, { method: "tools/list" });
  expect(await answer.text()).toContain("find_scribbles");
  expect(asked).toEqual([]);
});

/** A server of a few lines, without any SDK, that counts its calls. */
const counting = `
  let calls = 0;
  require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    const send = (more) => id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, ...more }));
    if (method === "initialize") return send({ result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "counter", version: "1" } } });
    if (method === "tools/call") return send({ result: { content: [{ type: "text", text: String(++calls) }] } });
    send({ error: { code: -32601, message: "no " + method } });
  });`;

function running(mark: string): number {
  const all = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return all.split("\n").filter((line) => line.includes(mark) && !/^(ps|bwrap) /.test(line)).length;
}

/** Where it answers, until the test ends. */
async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
