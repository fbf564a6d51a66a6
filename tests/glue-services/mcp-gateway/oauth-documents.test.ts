import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Agent } from "undici";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { authorization, platformWithSignOn, provider, redirect } from "./oauth.ts";
import { selfSigned } from "./self-signed.ts";

let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
  certificate = await selfSigned("editor.example");
});

/** A site on the public network, as far as the platform can see: its name leads to this machine. */
async function site(documents: Record<string, (address: string) => unknown>) {
  const asked: string[] = [];
  const server: Server = createServer({ key: certificate.key, cert: certificate.cert }, (request, answer) => {
    asked.push(String(request.url));
    const make = documents[String(request.url)];
    if (!make) return answer.writeHead(404).end();
    const document = make(`${origin}${request.url}`);
    if (typeof document === "string") return answer.writeHead(302, { location: document }).end();
    answer.setHeader("content-type", "application/json");
    return answer.end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `https://editor.example:${(server.address() as AddressInfo).port}`;
  const connections = new Agent({
    connect: {
      ca: certificate.cert,
      lookup: (_host, { all }, done) =>
        all ? done(null, [{ address: "127.0.0.1", family: 4 }] as never) : done(null, "127.0.0.1", 4),
    },
  });
  onTestFinished(() => connections.destroy());
  return { origin, asked, connections };
}

const described = (client_id: string) => ({
  ...{ client_id, client_name: "An editor", client_uri: "https://editor.example/" },
  redirect_uris: [redirect, "editor://callback"],
});

it("a client whose id is the address of its description needs no registration (envoy ai-gateway #2074)", async () => {
  const { origin, asked, connections } = await site({ "/client.json": described });
  const on = await platformWithSignOn([notesWithTools], { documents: connections });
  const kept = provider({ clientMetadataUrl: `${origin}/client.json` });
  const open = () => new StreamableHTTPClientTransport(new URL("/mcp", on.url), { authProvider: kept });
  const first = open();
  await expect(new Client({ name: "test", version: "1" }).connect(first)).rejects.toThrow(/[Uu]nauthorized/);
  expect(kept.sentTo?.searchParams.get("client_id")).toBe(`${origin}/client.json`);
  const { location } = await on.ada.send("GET", String(kept.sentTo));
  expect((await on.ada.send("GET", location)).text).toContain(new URL(origin).host);
  await first.finishAuth((await on.ada.agree(kept.sentTo ?? "")).searchParams);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(open());
  onTestFinished(() => client.close());
  expect(words(await client.callTool({ name: "find_scribbles", arguments: { query: "word" } }))).toContain("word");
  expect(asked).toEqual(["/client.json"]);
});

it("a description that is another's, holds a secret, leads on or names no usable address is none", async () => {
  const { origin, asked, connections } = await site({
    "/another.json": () => described("https://other.example/client.json"),
    "/secret.json": (address) => ({ ...described(address), client_secret: "s" }),
    "/moved.json": () => "/client.json",
    "/native.json": (address) => ({ ...described(address), redirect_uris: ["editor://callback"] }),
    "/large.json": (address) => ({ ...described(address), more: "x".repeat(70_000) }),
  });
  const on = await platformWithSignOn([], { documents: connections });
  const paths = ["/another.json", "/secret.json", "/moved.json", "/native.json", "/large.json", "/none.json"];
  for (const path of [...paths, ...paths]) {
    const { location } = await on.ada.send("GET", authorization(on, `${origin}${path}`));
    expect(location, path).toContain("invalid_client");
  }
  // One that could not be had is not asked for again at once, whoever names it.
  expect(asked).toEqual(paths);
  expect((await on.owner.query(`select from identity."oauthClient"`)).rowCount).toBe(0);
});

it("no address of a private network, and no other spelling of an address, is asked for a description", async () => {
  const { origin, asked, connections } = await site({ "/client.json": described });
  const on = await platformWithSignOn([], { documents: connections });
  const { port } = new URL(origin);
  for (const id of [
    `https://127.0.0.1:${port}/client.json`,
    `https://localhost:${port}/client.json`,
    `https://[::1]:${port}/client.json`,
    `https://metadata.internal:${port}/client.json`,
    `${origin}/a/../client.json`,
    `${origin}/client.json#part`,
    `${origin}/`,
    `${origin.replace("https:", "http:")}/client.json`,
    origin.replace("https://", "https://user@").concat("/client.json"),
  ]) {
    const { location } = await on.ada.send("GET", authorization(on, id));
    expect(location, id).toContain("invalid_client");
  }
  expect(asked).toEqual([]);
});
