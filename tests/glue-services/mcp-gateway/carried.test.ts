import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startMcpGateway } from "./rig.ts";

it("a request of 2026 for a server over HTTP that knows only 2025 is carried over to it", async () => {
  // A server that refuses everything outside of a session, as those of 2025 do.
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method !== "POST") return response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(parts).toString()) as { id?: number; method: string };
    const answer = (status: number, more: object, headers = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ jsonrpc: "2.0", id: id ?? null, ...more }));
    if (method === "initialize") {
      const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} } };
      return answer(
        200,
        { result: { ...result, serverInfo: { name: "old", version: "1" } } },
        { "mcp-session-id": "s" },
      );
    }
    if (request.headers["mcp-session-id"] !== "s") {
      return answer(400, { error: { code: -32000, message: "Bad Request: Server not initialized" } });
    }
    if (id === undefined) return response.writeHead(202).end();
    return answer(200, { result: { tools: [{ name: "old_tool", inputSchema: { type: "object" } }] } });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const rig = await startMcpGateway();
  const { port } = server.address() as AddressInfo;
  await rig.add({ name: "old", transport: "http", url: `http://127.0.0.1:${port}/mcp` });
  const answer = await fetch(`${rig.url}/mcp/servers/old`, {
    method: "POST",
    headers: {
      ...{ ...rig.admin.headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
      ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" },
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method: "tools/list" },
      params: {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("old_tool")]);
});
