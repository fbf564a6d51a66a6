import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startMcpGateway } from "./rig.ts";

it("hundreds of clients that listen to a server leave its calls their way", async () => {
  let listening = 0;
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      listening++;
      response.writeHead(200, { "content-type": "text/event-stream" });
      return response.write(": open\n\n");
    }
    request.resume().once("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const rig = await startMcpGateway();
  const given = { name: "busy", transport: "http" as const };
  await rig.add({ ...given, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` });
  const url = `${rig.url}/mcp/servers/busy`;
  const away = new AbortController();
  onTestFinished(() => {
    away.abort();
    server.close();
    server.closeAllConnections();
  });
  const headers = { ...rig.admin.headers, accept: "application/json, text/event-stream" };
  for (let i = 0; i < 800; i++) void fetch(url, { headers, signal: away.signal }).catch(() => {});
  await expect.poll(() => listening).toBe(800);
  const answer = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    signal: AbortSignal.timeout(300_000),
  });
  expect(await answer.json()).toMatchObject({ id: 1, result: {} });
});
