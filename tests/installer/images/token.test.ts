import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRegistry } from "../../../installer/images/registry.ts";

/** The protocol of tokens, as Docker Hub and most public registries want them: no registry program here gives any. */
let server: Server;
let address: string;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", `http://${request.headers.host}`);
    if (url.pathname === "/token") {
      asked.push(url.search);
      response.setHeader("content-type", "application/json").end(JSON.stringify({ token: "the-token" }));
    } else if (request.headers.authorization !== "Bearer the-token") {
      const challenge = `Bearer realm="http://${request.headers.host}/token",service="registry.test",scope="ignored"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    } else if (url.pathname.endsWith("/none")) response.writeHead(404).end();
    else response.writeHead(200, { "docker-content-digest": `sha256:${"b".repeat(64)}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

it("a token is asked for once a repository, for reading it and nothing else", async () => {
  await using registry = openRegistry(address, {});
  expect(await registry.digestOf("library/caddy", "2")).toBe(`sha256:${"b".repeat(64)}`);
  expect(await registry.digestOf("library/caddy", "none")).toBeUndefined();
  expect(asked).toEqual(["?service=registry.test&scope=repository%3Alibrary%2Fcaddy%3Apull"]);
});
