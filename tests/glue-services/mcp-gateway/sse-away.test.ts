import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, it, onTestFinished } from "vitest";
import { client, formerClient } from "./clients.ts";
import { startMcpGateway } from "./rig.ts";

/** A server of the transport before 2025. */
async function serveSse(port = 0): Promise<{ port: number; close(): Promise<void> }> {
  const transports = new Map<string, SSEServerTransport>();
  const http = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const known = transports.get(url.searchParams.get("sessionId") ?? "");
    if (request.method === "POST" && known) return known.handlePostMessage(request, response);
    if (request.method !== "GET") return response.writeHead(404).end();
    const transport = new SSEServerTransport("/messages", response);
    transports.set(transport.sessionId, transport);
    const server = new Server({ name: "former", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [{ name: "look", inputSchema: { type: "object" as const } }],
    }));
    await server.connect(transport as never);
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  onTestFinished(close);
  return { port: (http.address() as AddressInfo).port, close };
}

it("while a server over SSE is away its last lists are there for clients of both protocols, and calls say that it is", async () => {
  const [rig, server] = await Promise.all([startMcpGateway(), serveSse()]);
  await rig.add({ name: "notes", transport: "sse", url: `http://127.0.0.1:${server.port}/sse` });
  const path = "/mcp/servers/notes";
  for (const connect of [client, formerClient])
    expect((await (await connect(rig, { path })).listTools()).tools).toHaveLength(1);
  const kept = async () => (await rig.owner.query("select 1 from mcp_gateway.answer")).rowCount;
  await expect.poll(kept).toBeGreaterThanOrEqual(1);
  await server.close();
  for (const connect of [client, formerClient]) {
    const one = await connect(rig, { path });
    const { tools, _meta } = await one.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["look"]);
    expect(_meta?.["devflow/offline"]).toMatchObject({ server: "notes" });
    await expect(one.callTool({ name: "look", arguments: {} })).rejects.toThrow(/notes (cannot be reached|is gone)/);
  }
  await serveSse(server.port);
  const { tools, _meta } = await (await client(rig, { path })).listTools();
  expect([tools.length, _meta?.["devflow/offline"]]).toEqual([1, undefined]);
}, 60_000);
