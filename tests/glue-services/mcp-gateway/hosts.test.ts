import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { people } from "../build.ts";
import { client, formerClient, words } from "./clients.ts";
import { colleague, type Rig, startMcpGateway } from "./rig.ts";

const program = fileURLToPath(new URL("reference/server.ts", import.meta.url));
const secret = "shared by the hosts of this test";

/** Two hosts on one database, behind a proxy that gives each request to the next of them. */
async function twoHosts(): Promise<Rig> {
  const rig = await startMcpGateway({ secret });
  const url = rig.owner.options.connectionString as string;
  const service = mcpGateway({
    ...{ publicUrl: "http://localhost:4400", programs: true, readSecret: async () => "", secret },
  });
  const other = await buildApp({
    ...{ version: "0.0.0-test", logLevel: "silent", services: [service], database: { url } },
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
  });
  onTestFinished(() => other.close());
  await other.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => void other.server.closeAllConnections());
  const ports = [rig.app, other].map(({ server }) => (server.address() as AddressInfo).port);
  let turn = 0;
  const proxy = createServer((request, response) => {
    const { url: path, method, headers } = request;
    const onward = send({ host: "127.0.0.1", port: ports[turn++ % 2], path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", program, "former"];
  await rig.add({ name: "former", transport: "stdio", command });
  return { ...rig, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

for (const [which, connect, prefix] of [
  ["of 2025 with a session", (rig: Rig) => formerClient(rig), "former__"],
  ["over HTTP with SSE", (rig: Rig) => formerClient(rig, { path: "/mcp/sse", sse: true }), "former__"],
  ["of one server", (rig: Rig) => formerClient(rig, { path: "/mcp/servers/former" }), ""],
  ["of 2026", (rig: Rig) => client(rig), "former__"],
] as const) {
  it(`a client ${which} is answered whichever of two hosts its requests come to`, async () => {
    const rig = await twoHosts();
    const one = await connect(rig);
    for (let n = 0; n < 4; n++) {
      const answer = await one.callTool({ name: `${prefix}test_simple_text`, arguments: {} });
      expect([n, words(answer)]).toEqual([n, "This is a simple text response for testing."]);
    }
  });
}

it("a question in the middle of a call is answered at the host where it waits", async () => {
  const rig = await twoHosts();
  const one = await client(rig, { more: { capabilities: { elicitation: { form: {} } } } });
  one.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { response: "yes" } }));
  for (let n = 0; n < 3; n++) {
    const answer = await one.callTool({ name: "former__test_elicitation", arguments: { message: "Go on?" } });
    expect(words(answer)).toContain("yes");
  }
});

it("what is forwarded to another host is still of use to its caller alone, and a host that is gone to nobody", async () => {
  const rig = await twoHosts();
  const post = (body: object, more: Record<string, string> = {}, who = rig.admin) =>
    fetch(`${rig.url}/mcp`, {
      method: "POST",
      headers: {
        ...{ ...who.headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
        ...more,
      },
      body: JSON.stringify(body),
    });
  const begun = await post({
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  });
  await begun.text();
  const session = begun.headers.get("mcp-session-id") ?? "";
  const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
  for (let n = 0; n < 2; n++) {
    expect((await post(list, { "mcp-session-id": session })).status).toBe(200);
    expect((await post(list, { "mcp-session-id": session }, colleague(rig))).status).toBe(404);
    const gone = session.replace(/^[^.]+/, "00000000-0000-4000-8000-000000000000");
    expect((await post(list, { "mcp-session-id": gone })).status).toBe(404);
  }
});
