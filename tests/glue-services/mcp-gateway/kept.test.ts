import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { fromSecrets } from "../../../glue-services/mcp-gateway/given.ts";
import { keepStored } from "../../../glue-services/mcp-gateway/keeping.ts";
import type { ServerTold } from "../../../glue-services/mcp-gateway/schemas.ts";
import { replaceSecrets } from "../../../glue-services/mcp-gateway/secrets-in.ts";
import { secrets } from "../../../glue-services/secrets/app.ts";
import { client, words } from "./clients.ts";
import { colleague, type Rig, type Someone, startMcpGateway } from "./rig.ts";

/** A platform with a real secrets service. */
async function withSecrets(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-kept-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const masterKeyFile = join(folder, "master.key");
  await writeFile(masterKeyFile, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  const rig: Rig = await startMcpGateway({
    services: [secrets({ masterKeyFile, platformFile: join(folder, ".env") })],
    readSecret: (caller, server, name) => fromSecrets(rig.app)(caller, server, name),
  });
  return rig;
}

it("tokens in a server that is given become secrets of the organisation, are sent where they belong, and shown to nobody", async () => {
  const seen: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    seen.push({ ...request.headers, path: request.url });
    response.setHeader("content-type", "application/json");
    response.end('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?apiKey=query-value-1&lang=en`;
  const rig = await withSecrets();
  const body = {
    ...{ name: "weather-service", transport: "http" as const, url },
    headers: { authorization: { value: "Bearer sk-live-123" }, "x-region": { value: "eu-1" } },
  };
  const answer = await rig.ask<{ headers: object; kept: string[] }>("PUT", "/servers", body);
  expect(answer.status).toBe(200);
  expect(answer.body.kept.sort()).toEqual(["WEATHER_SERVICE_APIKEY", "WEATHER_SERVICE_AUTHORIZATION"]);
  const texts = [answer.body];
  for (const who of [rig.admin, colleague(rig, { scopes: ["mcp:read"] })]) {
    texts.push((await rig.ask<never>("GET", "/servers", undefined, who)).body);
  }
  texts.push((await rig.owner.query("select * from mcp_gateway.server")).rows as never);
  const text = JSON.stringify(texts);
  for (const token of ["sk-live-123", "query-value-1"]) expect(text).not.toContain(token);
  expect(JSON.stringify(texts.slice(0, 3))).not.toContain("eu-1");
  const list = () =>
    rig.app.inject({
      ...{ method: "POST", url: "/mcp/servers/weather-service" },
      payload: { jsonrpc: "2.0", id: 1, method: "tools/list" },
      headers: { ...rig.admin.headers, host: "localhost" },
    });
  expect((await list()).statusCode).toBe(200);
  const sent = { authorization: "Bearer sk-live-123", "x-region": "eu-1", path: "/mcp?apiKey=query-value-1&lang=en" };
  expect(seen.at(-1)).toMatchObject(sent);

  // What was answered is put back to change something else: every value stays, and no secret is made twice.
  const [shown] = (await rig.ask<ServerTold[]>("GET", "/servers")).body;
  const { id, address: _, changedAt: __, command: ___, kept: ____, ...rest } = shown as ServerTold;
  expect((await rig.ask("PUT", "/servers", { ...rest, title: "Weather" })).status).toBe(200);
  await list();
  expect(seen.at(-1)).toMatchObject(sent);
  expect(
    (await rig.ask("PUT", "/servers", { ...body, headers: { authorization: { value: "Bearer sk-live-456" } } })).status,
  ).toBe(200);
  const names = async () =>
    (await rig.owner.query("select name from secrets.secret order by name")).rows.map(({ name }) => name);
  expect(await names()).toEqual(["WEATHER_SERVICE_APIKEY", "WEATHER_SERVICE_AUTHORIZATION"]);
  await list();
  expect(seen.at(-1)).toMatchObject({ authorization: "Bearer sk-live-456" });
  await rig.ask("DELETE", `/servers/${id}`);
  expect(await names()).toEqual([]);
});

it("a token that is kept never takes the place of a secret that the organisation has", async () => {
  const rig = await withSecrets();
  const own = rig.app.inject({
    method: "PUT",
    url: "/api/secrets/GITHUB_TOKEN",
    payload: { value: "the own one" },
    headers: rig.admin.headers,
  });
  expect((await own).statusCode).toBe(201);
  const developer = colleague(rig, { scopes: ["mcp:use"] });
  const server = (headers: object) => ({
    ...{ name: "github", transport: "http", url: "https://mcp.example.com/mcp", personal: true, headers },
  });
  const put = (headers: object) => rig.ask<{ kept: string[] }>("PUT", "/servers", server(headers), developer);
  expect((await put({ token: { value: "another" } })).body.kept).toEqual(["GITHUB_TOKEN_2"]);
  const { rows } = await rig.owner.query("select name, version from secrets.secret order by name");
  expect(rows).toEqual([
    { name: "GITHUB_TOKEN", version: 1 },
    { name: "GITHUB_TOKEN_2", version: 1 },
  ]);
});

it("an organisation's secret is sent to an own server's address only by somebody who manages servers or secrets", async () => {
  const rig = await withSecrets();
  const put = (who: Someone, headers: object, url = "https://mcp.example.com/mcp") =>
    rig.ask<ServerTold>("PUT", "/servers", { name: "own", transport: "http", url, personal: true, headers }, who);
  const named = { authorization: { secret: "PAYROLL_TOKEN", prefix: "Bearer " } };
  const developer = colleague(rig, { scopes: ["mcp:use"] });
  const refused = await put(developer, named);
  expect(refused.status).toBe(403);
  expect(JSON.stringify(refused.body)).toContain("PAYROLL_TOKEN");
  expect((await put(developer, { "x-plain": named.authorization })).status).toBe(403);
  // What they gave themselves they name again, also for another address.
  const given = await put(developer, { authorization: { value: "Bearer sk-own-1234567890" } });
  expect(given.body.kept).toHaveLength(1);
  expect((await put(developer, given.body.headers, "https://other.example.com/mcp")).status).toBe(200);
  // Who could name it once and may no more does not move it elsewhere as a value that stays.
  for (const scope of ["mcp:manage", "secrets:manage"]) {
    const manager = colleague(rig, { scopes: ["mcp:use", scope] });
    expect((await put(manager, named)).status).toBe(200);
    const former = colleague(rig, { ...manager.identity, scopes: ["mcp:use"] });
    const moved = await put(former, { authorization: { unchanged: true } }, "https://other.example.com/mcp");
    expect(moved.status).toBe(403);
  }
});

it("servers that an earlier version stored with their tokens are moved to secrets when a host starts", async () => {
  const rig = await withSecrets();
  const script = `require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    const send = (result) => id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
    if (method === "initialize") return send({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "t", version: "1" } });
    if (method !== "tools/call") return id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: method } }));
    send({ content: [{ type: "text", text: [process.env.API_TOKEN, process.env.MODE, ...process.argv.slice(1)].join(" ") }] });
  });`;
  await rig.add({ name: "stored", transport: "stdio", command: [process.execPath, "-e", script, "--"] });
  await rig.owner.query(
    `update mcp_gateway.server set kept = null, command = command || array['--api-key', 'plain-value'],
     environment = '{"API_TOKEN": {"value": "ghp_0123456789abcdef"}, "MODE": {"value": "test"}}'`,
  );
  await keepStored(Object.create(rig.app, { database: { value: rig.database } }));
  const text = JSON.stringify((await rig.owner.query("select * from mcp_gateway.server")).rows);
  for (const token of ["ghp_0123456789abcdef", "plain-value"]) expect(text).not.toContain(token);
  const call = async () => {
    const one = await client(rig, { path: "/mcp/servers/stored" });
    return words(await one.callTool({ name: "any", arguments: {} }));
  };
  // Hosts hear of the change by a notification.
  await expect.poll(call).toBe("ghp_0123456789abcdef test --api-key plain-value");
});

it("what editors' files hold is told apart: tokens of every kind are kept, and other values are not", () => {
  const found = (server: object) => {
    const names: string[] = [];
    replaceSecrets({ name: "a", transport: "http", ...server } as never, (name) => {
      names.push(name);
      return name;
    });
    return names.length;
  };
  const header = (name: string, value: string) => found({ headers: { [name]: { value } } });
  const variable = (name: string, value: string) => found({ environment: { [name]: { value } } });
  const command = (...rest: string[]) => found({ command: ["npx", ...rest] });
  const kept = [
    header("authorization", "Bearer sk-live-123"),
    header("x-api-key", "abc"),
    header("private-token", "x"),
    header("x-thing", "Basic dXNlcjpwdw=="),
    variable("GITHUB_PERSONAL_ACCESS_TOKEN", "x"),
    variable("DATABASE_URL", "postgres://u:p@h/db"),
    variable("CONNECTION", "postgres://u:p@h/db"),
    variable("apiKey", "x"),
    variable("PGPASSWORD", "Zx9"),
    variable("ANY", "xoxb-123456789012-abc"),
    variable("ANY", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
    variable("ANY", "0123456789abcdef0123456789abcdef"),
    command("server", "--token", "x"),
    command("server", "--api-key=x"),
    command("mcp-remote", "https://a.example/mcp", "--header", "Authorization: Bearer x"),
    command("docker", "run", "-e", "API_KEY=x", "image"),
    command("mcp-remote", "https://a.example/mcp?token=x"),
    command("server", "ghp_0123456789abcdef"),
    found({ url: "https://mcp.example.com/mcp?tavilyApiKey=tvly-1" }),
    found({ url: "https://mcp.example.com/s/AbCdEf0123456789AbCdEf0123/mcp" }),
  ];
  expect(kept).toEqual(kept.map(() => 1));
  const left = [
    header("x-region", "eu-1"),
    header("accept-language", "en"),
    variable("MODE", "test"),
    variable("LOG_LEVEL", "debug"),
    variable("HOME_FOLDER", "/home/user/projects/2026"),
    variable("BASE_URL", "https://api.example.com/v1"),
    command("-y", "@modelcontextprotocol/server-filesystem", "/home/user/Documents"),
    command("server", "--port", "8080", "--verbose", "devflow-crowd-12345-1764469876543"),
    found({ url: "https://mcp.example.com/mcp?lang=en" }),
  ];
  expect(left).toEqual(left.map(() => 0));
});
