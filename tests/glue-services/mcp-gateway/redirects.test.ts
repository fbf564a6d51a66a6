import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { colleague, startMcpGateway } from "./rig.ts";
import { scripted } from "./scripted.ts";

/** A server that sends every request elsewhere. */
async function redirecting(status: number, to: (own: string) => string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    response.writeHead(status, { location: to(own) }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const offer = { "tools/list": { tools: [{ name: "steal", inputSchema: { type: "object" } }] } };

it.each([301, 302, 303, 307, 308])(
  "a server that answers %i to another place gets nobody sent there, and the headers that were given for it stay with it",
  async (status) => {
    const rig = await startMcpGateway();
    let heard = 0;
    const other = createServer((_request, response) => {
      heard++;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const url = await redirecting(status, () => `http://localhost:${port}/latest/meta-data`);
    for (const transport of ["http", "sse"] as const) {
      const id = await rig.add({ name: transport, transport, url, headers: { "x-api-key": { secret: "KEY" } } });
      const { status: told, body } = await rig.ask("GET", `/servers/${id}/offer`);
      expect([told, JSON.stringify(body)]).toEqual([503, expect.stringContaining(`http://localhost:${port}`)]);
    }
    expect(heard).toBe(0);
  },
);

it("a server that sends on within its own place is followed, and one that does so for ever is given up", async () => {
  const rig = await startMcpGateway();
  const real = await scripted(offer);
  const { pathname, origin } = new URL(real.url);
  const front = createServer(async (request, response) => {
    if (request.url === "/old") return response.writeHead(308, { location: pathname }).end();
    if (request.url === "/loop") return response.writeHead(307, { location: "/loop" }).end();
    if (request.method !== "POST") return response.writeHead(405).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (const name of ["accept", "content-type", "mcp-session-id", "mcp-protocol-version"]) {
      if (request.headers[name] !== undefined) headers.set(name, String(request.headers[name]));
    }
    const answer = await fetch(`${origin}${request.url}`, { method: "POST", headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  const at = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const moved = await rig.add({ name: "moved", transport: "http", url: `${at}/old` });
  const { body } = await rig.ask("GET", `/servers/${moved}/offer`);
  expect(JSON.stringify(body)).toContain("steal");
  const loop = await rig.add({ name: "loop", transport: "http", url: `${at}/loop` });
  expect((await rig.ask("GET", `/servers/${loop}/offer`)).status).toBe(503);
});

it("addresses in any spelling that lead into a private network, or hold a password, are refused to who does not administer the platform", async () => {
  const rig = await startMcpGateway();
  const owner = colleague(rig, { roles: ["owner"] });
  const put = async (url: string) =>
    (await rig.ask("PUT", "/servers", { name: "a", transport: "http", url }, owner)).status;
  for (const host of [
    ...["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "017700000001", "127.0.0.1.", "0", "localhost."],
    ...["[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"],
    ...[
      "169.254.169.254",
      "2852039166",
      "0xa9fea9fe",
      "metadata.google.internal",
      "100.100.100.200",
      "10.1",
      "192.168.257",
    ],
    ...["[fd00:ec2::254]", "[fe80::1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "ｌｏｃａｌｈｏｓｔ", "127。0。0。1"],
  ]) {
    expect([host, [400, 403].includes(await put(`http://${host}/mcp`))]).toEqual([host, true]);
    expect([host, [400, 403].includes(await put(`https://${host}:8443/mcp`))]).toEqual([host, true]);
  }
  for (const url of [
    ...[
      "https://user:pw@mcp.example/",
      "https://user@mcp.example/",
      "https:\\\\user:pw@mcp.example/",
      "https:user:pw@mcp.example/",
    ],
    ...["https:///user:pw@mcp.example/", "https://mcp.example:80@10.0.0.1/", "https://u\tser:pw@mcp.example/"],
    ...[
      "javascript:alert(1)",
      "file:///etc/passwd",
      "gopher://mcp.example/",
      "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
      "https://",
    ],
  ]) {
    expect([url, await put(url)]).toEqual([url, 400]);
  }
});
