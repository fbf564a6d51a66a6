import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { stringify } from "yaml";
import { upstream } from "../../../components/catalogue/index.ts";
import { gatewayConfiguration } from "../../../components/runtime/supabase/gateway.ts";
import { bring, freePort, type Running, start } from "./programs.ts";

/** What a part of the runtime got. */
interface Got {
  part: string;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

const keys = {
  publishable: "sb_publishable_abcdefghijklmnopqrstuv_12345678",
  secret: "sb_secret_zyxwvutsrqponmlkjihgfe_87654321",
  anonToken: "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.aaaa-bbbb_cccc",
  serviceToken: "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.dddd-eeee_ffff",
};
const password = "studio's password: äöü %!";
const parts = ["auth", "rest", "realtime", "storage", "functions", "meta", "studio"];
const servers: Server[] = [];
let folder: string;
let url: string;
let status: string;
/** Not fetch, which tidies a path before it is sent. */
let client: Client;
let envoy: Running;

beforeAll(async () => {
  const program = await bring("envoy");
  folder = await mkdtemp(join(tmpdir(), "devflow-envoy-"));
  const addresses = Object.fromEntries(await Promise.all(parts.map(async (name) => [name, await standIn(name)])));
  const [http, admin, inner] = [await freePort(), await freePort(), await freePort()];
  const { ports } = upstream("envoy");
  const configuration = gatewayConfiguration({ listen: "127.0.0.1", ...keys, password, addresses });
  const text = stringify(configuration)
    .replaceAll(`port_value: ${ports.http}\n`, `port_value: ${http}\n`)
    .replaceAll(`port_value: ${Number(ports.admin) + 1}\n`, `port_value: ${inner}\n`)
    .replaceAll(`port_value: ${ports.admin}\n`, `port_value: ${admin}\n`);
  const file = join(folder, "envoy.yaml");
  await writeFile(file, text);
  await promisify(execFile)(program, ["--mode", "validate", "-c", file]);
  url = `http://127.0.0.1:${http}`;
  client = new Client(url);
  status = `http://127.0.0.1:${admin}`;
  envoy = await start(program, ["--disable-hot-restart", "--log-level", "warning", "-c", file], `${status}/ready`);
});

afterAll(async () => {
  await client?.destroy();
  await envoy?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

describe("the keys of the runtime, by Envoy itself", () => {
  it("the publishable key becomes the token that the parts verify", async () => {
    const { got } = await ask("/rest/v1/notes?select=id", { apikey: keys.publishable });
    expect(got).toMatchObject({ part: "rest", path: "/notes?select=id" });
    expect(got?.headers).toMatchObject({
      apikey: keys.anonToken,
      authorization: `Bearer ${keys.anonToken}`,
      "x-forwarded-prefix": "/rest/v1",
    });
  });

  it("a key may come as a bearer token, and in the address, where it is replaced too", async () => {
    const bearer = await ask("/rest/v1/notes", { authorization: `Bearer ${keys.secret}` });
    expect(bearer.got?.headers.authorization).toBe(`Bearer ${keys.serviceToken}`);
    const inPath = await ask(`/rest/v1/notes?a=1&apikey=${keys.publishable}&b=2`);
    expect(inPath.got?.path).toBe(`/notes?a=1&apikey=${keys.anonToken}&b=2`);
  });

  it("M12: tells its parts the client's address as the front door saw it, whatever the client says", async () => {
    const lies = { "x-client-address": "192.0.2.1", "x-forwarded-for": "192.0.2.2, 203.0.113.9" };
    const { got } = await ask("/auth/v1/settings", { apikey: keys.publishable, ...lies });
    expect(got?.headers["x-client-address"]).toBe("203.0.113.9");
  });

  it("the token of a person who is signed in stays, beside the key", async () => {
    const person = "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.signature";
    const { got } = await ask("/rest/v1/notes", { apikey: keys.publishable, authorization: person });
    expect(got?.headers).toMatchObject({ apikey: keys.anonToken, authorization: person });
  });

  it("without a key, or with one that is none, nothing is asked of a part", async () => {
    for (const headers of [{}, { apikey: "sb_publishable_guessed" }, { authorization: "Bearer sb_secret_guessed" }]) {
      const { status: code, got, text } = await ask("/rest/v1/notes", headers);
      expect([code, got]).toEqual([401, undefined]);
      expect(JSON.parse(text).message).toMatch(/API key/);
    }
  });

  it("what only the secret key opens does not open for the publishable one", async () => {
    expect((await ask("/pg/tables", { apikey: keys.publishable })).status).toBe(401);
    expect((await ask("/pg/tables", { apikey: keys.secret })).got).toMatchObject({ part: "meta", path: "/tables" });
  });

  it("what is for the inside only is closed, however the path is spelt", async () => {
    for (const path of ["/mcp", "/api/mcp", "/realtime/v1/api/tenants", "//mcp", "/rest/v1/../../mcp"]) {
      const { status: code, got } = await ask(path, { apikey: keys.secret });
      expect([path, code, got]).toEqual([path, 403, undefined]);
    }
    expect((await ask("/rest/v1%2f..%2f..%2fmcp", { apikey: keys.secret })).status).toBe(400);
  });

  it("Studio asks for its password, and the other parts do not", async () => {
    const basic = (given: string) => ({ authorization: `Basic ${Buffer.from(`admin:${given}`).toString("base64")}` });
    expect((await ask("/project/default")).status).toBe(401);
    expect((await ask("/project/default", basic("wrong"))).status).toBe(401);
    expect((await ask("/project/default", basic(password))).got).toMatchObject({ part: "studio" });
    expect((await ask("/auth/v1/verify?token=x")).got).toMatchObject({ part: "auth", path: "/verify?token=x" });
  });

  it("a browser of another site may ask before it calls", async () => {
    const answer = await fetch(`${url}/rest/v1/notes`, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "GET" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
  });

  it("live connections reach the part with the key's token", async () => {
    const at = `${url.replace("http", "ws")}/realtime/v1/websocket?apikey=${keys.publishable}&vsn=1.0.0`;
    const socket = new WebSocket(at);
    const said = await new Promise<string>((resolve, reject) => {
      socket.once("message", (data) => resolve(String(data)));
      socket.once("error", reject);
    });
    socket.close();
    expect(said).toBe(`/socket/websocket?apikey=${keys.anonToken}&vsn=1.0.0`);
  });

  it("its status is there for health checks and metrics, and nothing that changes it", async () => {
    expect((await fetch(`${status}/ready`)).status).toBe(200);
    expect(await (await fetch(`${status}/metrics`)).text()).toContain("envoy_http_downstream_rq_total");
    expect((await fetch(`${status}/quitquitquit`, { method: "POST" })).status).toBe(404);
  });

  it("it wrote no key, no token and no password", () => {
    const text = envoy.output();
    for (const secret of [...Object.values(keys), password]) expect(text).not.toContain(secret);
  });
});

async function ask(path: string, headers: Record<string, string> = {}) {
  const answer = await client.request({ method: "GET", path, headers });
  const text = await answer.body.text();
  const got = answer.headers["x-stand-in"] ? (JSON.parse(text) as Got) : undefined;
  return { status: answer.statusCode, text, got };
}

/** A part of the runtime that says what it got. */
async function standIn(part: string): Promise<{ host: string; port: number }> {
  const server = createServer(({ method = "", url: path = "", headers }, response) => {
    response.writeHead(200, { "content-type": "application/json", "x-stand-in": part });
    response.end(JSON.stringify({ part, method, path, headers } satisfies Got));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => socket.send(String(request.url)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}
