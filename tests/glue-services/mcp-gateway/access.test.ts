import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { person } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { client, formerClient, words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { colleague, startMcpGateway } from "./rig.ts";
import { initialize, path, withReference } from "./with-reference.ts";

describe("who may speak to the gateway", () => {
  it("without a key the answer says which scope is needed, and where this very address is described (claude-ai-mcp #560, mcp-atlassian #1257)", async () => {
    const rig = await withReference();
    for (const [at, scopes] of [
      ["/mcp", ["mcp:use", "*:read", "*:write", "*:run"]],
      [path, ["mcp:use"]],
    ] as const) {
      const answer = await rig.app.inject({
        method: "POST",
        url: at,
        payload: initialize,
        headers: { host: "localhost" },
      });
      expect(answer.statusCode).toBe(401);
      const challenge = String(answer.headers["www-authenticate"]);
      const where = /resource_metadata="http:\/\/localhost:4400([^"]+)"/.exec(challenge)?.[1] ?? "";
      expect(challenge).toContain(`scope="${scopes.join(" ")}"`);
      const metadata = await rig.app.inject({ method: "GET", url: where, headers: { host: "localhost" } });
      expect(metadata.json()).toMatchObject({
        resource: `http://localhost:4400${at}`,
        authorization_servers: ["http://localhost:4400/api/auth"],
        scopes_supported: scopes,
      });
    }
  });

  it("a key without the scope is told which it lacks", async () => {
    const rig = await withReference();
    const { headers } = colleague(rig, { scopes: ["mcp:read"] });
    const answer = await rig.app.inject({
      method: "POST",
      url: "/mcp",
      payload: initialize,
      headers: { host: "localhost", ...headers },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers["www-authenticate"]).toContain('error="insufficient_scope"');
  });

  it("a hostile Host or Origin is refused before anything else", async () => {
    const rig = await withReference();
    for (const bad of [{ host: "evil.example" }, { host: "localhost", origin: "http://evil.example" }]) {
      const headers = { ...rig.admin.headers, ...bad };
      const answer = await rig.app.inject({ method: "POST", url: path, payload: initialize, headers });
      expect(answer.statusCode).toBe(403);
    }
  });

  it("another organisation's server is like one that does not exist", async () => {
    const rig = await withReference();
    const stranger = person();
    const headers = { host: "localhost", ...stranger.headers };
    const [theirs, none] = await Promise.all(
      [path, "/mcp/servers/nothing"].map((url) =>
        rig.app.inject({ method: "POST", url, payload: initialize, headers }),
      ),
    );
    expect(theirs?.statusCode).toBe(404);
    expect(theirs?.body.replace("reference", "nothing")).toBe(none?.body);
  });

  it("a personal server is its person's alone", async () => {
    const rig = await withReference();
    const [one, other] = [colleague(rig), colleague(rig)];
    const body = { name: "mine", transport: "http", url: "https://mcp.example.com/mcp", personal: true };
    expect((await rig.ask("PUT", "/servers", body, one)).status).toBe(200);
    const names = async (who: typeof one) =>
      (await rig.ask<{ name: string }[]>("GET", "/servers", undefined, who)).body.map(({ name }) => name);
    expect(await names(one)).toEqual(["mine", "reference"]);
    expect(await names(other)).toEqual(["reference"]);
  });

  it("a session of one caller is of no use to another, nor are its contents", async () => {
    const rig = await withReference();
    const other = colleague(rig);
    const open = async (url: string) => {
      const headers = {
        ...rig.admin.headers,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      };
      const answer = await fetch(`${rig.url}${url}`, { method: "POST", headers, body: JSON.stringify(initialize) });
      await answer.text();
      return answer.headers.get("mcp-session-id") ?? "";
    };
    for (const at of [path, "/mcp"]) {
      const session = await open(at);
      expect(session).not.toBe("");
      const list = (who: { authorization: string }) =>
        fetch(`${rig.url}${at}`, {
          method: "POST",
          headers: {
            ...{ ...who, accept: "application/json, text/event-stream", "content-type": "application/json" },
            ...{ "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" },
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }),
        });
      expect((await list(rig.admin.headers)).status).toBe(200);
      expect((await list(other.headers)).status).toBe(404);
    }
  });

  it("every table keeps organisations apart", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { tool: "x", effect: "approve" });
    await rig.ask("PUT", "/limits", { caller: 500, organisation: 5000 });
    const one = await client(rig, { path });
    await one.callTool({ name: "x", arguments: {} });
    await one.callTool({ name: "test_simple_text", arguments: {} });
    await expect.poll(async () => (await rig.ask<unknown[]>("GET", "/calls")).body.length).toBeGreaterThan(1);
    await proveIsolation(rig.owner, rig.database, { shared: ["host"] });
  });
});

describe("what may be added", () => {
  it("programs and private addresses only by who administers the platform, and no programs where strangers share it", async () => {
    const rig = await startMcpGateway();
    const owner = colleague(rig, { roles: ["owner"] });
    const put = (body: object, who = owner) => rig.ask("PUT", "/servers", body, who);
    expect((await put({ name: "a", transport: "stdio", command: ["sh"] })).status).toBe(403);
    for (const url of ["http://127.0.0.1/mcp", "http://169.254.169.254/", "http://[::1]/", "http://db.internal/"]) {
      expect((await put({ name: "a", transport: "http", url })).status, url).toBe(403);
    }
    const shared = await startMcpGateway({ programs: false });
    const answer = await shared.ask("PUT", "/servers", { name: "a", transport: "stdio", command: ["sh"] });
    expect(answer.status).toBe(403);
  });

  it("a program that was added before they were not allowed is not started, and its error says what to do", async () => {
    const folder = await mkdtemp(join(tmpdir(), "devflow-mcp-started-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const closed = await startMcpGateway({ programs: false });
    const made = await closed.add({ name: "former", transport: "http", url: "https://example.com/mcp" });
    const command = [
      process.execPath,
      "-e",
      `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "ran"))}, "")`,
    ];
    await closed.owner.query(
      "update mcp_gateway.server set transport = 'stdio', url = null, command = $2 where id = $1",
      [made, command],
    );
    const { status, body } = await closed.ask<{ error: { message: string } }>("GET", `/servers/${made}/offer`);
    expect([status, body.error.message]).toEqual([503, expect.stringContaining("give its address")]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("what is wrong with a server is said before it is kept", async () => {
    const rig = await startMcpGateway();
    const wrong = [
      { name: "Upper", transport: "http", url: "https://a.example" },
      { name: "a", transport: "http" },
      { name: "a", transport: "stdio", url: "https://a.example" },
      { name: "a", transport: "http", url: "https://a.example", headers: { host: { value: "x" } } },
      { name: "a", transport: "http", url: "https://a.example", environment: { A: { value: "x" } } },
      { name: "devflow", transport: "http", url: "https://a.example" },
      { name: "a", transport: "http", url: "file:///etc/passwd" },
    ];
    for (const body of wrong) expect((await rig.ask("PUT", "/servers", body)).status, JSON.stringify(body)).toBe(400);
    expect((await rig.ask<unknown[]>("GET", "/servers")).body).toEqual([]);
  });

  it("bodies that are no messages, or too large, are refused with a reason", async () => {
    const rig = await withReference();
    const post = (payload: string, type = "application/json") =>
      rig.app.inject({
        method: "POST",
        url: path,
        payload,
        headers: { ...rig.admin.headers, host: "localhost", "content-type": type },
      });
    expect((await post("{")).statusCode).toBe(400);
    expect((await post("[]")).statusCode).toBe(400);
    expect((await post('{"jsonrpc":"1.0","id":1,"method":"x"}')).statusCode).toBe(400);
    expect((await post("x", "text/plain")).statusCode).toBe(415);
    expect((await post(`"${"x".repeat(50 * 1024 * 1024)}"`)).statusCode).toBe(413);
  });
});

describe("credentials", () => {
  it("the caller's own never reach a server; the server's are read by name", async () => {
    const rig = await startMcpGateway({ services: [notesWithTools] });
    const seen: Record<string, unknown>[] = [];
    const { createServer } = await import("node:http");
    const server = createServer((asked, answer) => {
      seen.push(asked.headers);
      answer.setHeader("content-type", "application/json");
      answer.end('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/mcp`;
    await rig.add({
      ...{ name: "looks", transport: "http", url },
      headers: { authorization: { secret: "their-token", prefix: "Bearer " }, "x-fixed": { value: "yes" } },
    });
    const answer = await rig.app.inject({
      ...{ method: "POST", url: "/mcp/servers/looks", payload: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
      headers: {
        ...rig.admin.headers,
        host: "localhost",
        cookie: "devflow_session=secret",
        "x-forwarded-for": "1.2.3.4",
      },
    });
    expect(answer.statusCode).toBe(200);
    expect(seen[0]).toMatchObject({ authorization: "Bearer value-of-their-token", "x-fixed": "yes" });
    expect(JSON.stringify(seen)).not.toContain("secret");
    expect(seen[0]).not.toHaveProperty("x-forwarded-for");
  });
});

describe("the former transport", () => {
  it("a client that knows only HTTP with SSE works, with one server and with all", async () => {
    const rig = await withReference();
    for (const [at, name] of [
      [`${path}/sse`, "test_simple_text"],
      ["/mcp/sse", "reference__test_simple_text"],
    ] as const) {
      const one = await formerClient(rig, { path: at, sse: true });
      expect(words(await one.callTool({ name, arguments: {} }))).toBe("This is a simple text response for testing.");
    }
  });

  it("a message to another caller's stream finds nothing", async () => {
    const rig = await withReference();
    const { hostname, port } = new URL(rig.url);
    const stream = request({ host: hostname, port, path: "/mcp/sse", headers: rig.admin.headers });
    stream.end();
    const text = await new Promise<string>((resolve) =>
      stream.once("response", (answer) => answer.once("data", (part) => resolve(String(part)))),
    );
    onTestFinished(() => void stream.destroy());
    const address = /data: (\S+)/.exec(text)?.[1] ?? "";
    const answer = await fetch(`${rig.url}${address}`, {
      method: "POST",
      headers: { ...colleague(rig).headers, "content-type": "application/json" },
      body: JSON.stringify(initialize),
    });
    expect(answer.status).toBe(404);
  });
});
