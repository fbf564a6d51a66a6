import { statSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect as connectSocket } from "node:net";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type SupervisorClient, type SupervisorEvent } from "../../../installer/supervisor/client.ts";
import { ready, type TestStack, testStack, until } from "./test-stack.ts";

let stack: TestStack;
let client: SupervisorClient;
beforeAll(async () => {
  stack = await testStack();
  client = await stack.client({ arguments: ["--log-size", "20000", "--log-keep", "2"] });
});
afterAll(() => stack.dispose());

async function send(method: string, path: string, body?: string | Buffer): Promise<{ status: number; body: unknown }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({ socketPath: stack.paths.socket, method, path, agent: false }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
  const answer = await text(response);
  return { status: response.statusCode ?? 0, body: answer ? JSON.parse(answer) : undefined };
}

const error = (code: string, message: unknown = expect.any(String)) => ({
  error: { code, message, hint: expect.any(String) },
});

test("only the owner gets to the socket", () => {
  expect(statSync(stack.paths.socket).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(stack.paths.socket)).mode & 0o777).toBe(0o700);
  expect(statSync(stack.paths.supervisor).mode & 0o777).toBe(0o700);
});

test("logs and records are the owner's alone", async () => {
  await client.put(stack.spec("private", { env: { SECRET: "s" } }));
  expect(statSync(stack.paths.log("private")).mode & 0o777).toBe(0o600);
  expect(statSync(`${stack.paths.supervisor}/processes/private.json`).mode & 0o777).toBe(0o600);
  await client.remove("private");
});

test("wrong requests are refused in one shape and harm nothing", async () => {
  const spec = stack.spec("web", {});
  const put = (body: string | Buffer) => send("PUT", "/v1/processes/web", body);
  expect(await put("not json")).toEqual({ status: 400, body: error("USAGE", "The body is not JSON.") });
  expect(await put("")).toMatchObject({ status: 400, body: error("USAGE") });
  expect(await put("[]")).toMatchObject({ status: 400, body: error("USAGE") });
  expect(await put("null")).toMatchObject({ status: 400, body: error("USAGE") });
  expect(await put(Buffer.from([0xff, 0xfe, 0, 1]))).toMatchObject({ status: 400, body: error("USAGE") });
  const wrong = [
    { ...spec, command: "rm -rf /" },
    { ...spec, command: [] },
    { ...spec, env: { A: 1 } },
    { ...spec, name: "../../etc/passwd" },
    { ...spec, name: "other" },
    { ...spec, surprise: true },
    { ...spec, ready: { ...spec.ready, kind: "magic" } },
    { ...spec, ready: { kind: "tcp", timeout: 1, interval: 1, startTimeout: 1 } },
    { ...spec, ready: { kind: "http", url: "file:///etc/passwd", timeout: 1, interval: 1, startTimeout: 1 } },
    { ...spec, ports: [70_000] },
    { ...spec, stop: { signal: "SIGSEGV", deadline: 1 } },
  ];
  for (const body of wrong) {
    expect(await put(JSON.stringify(body)), JSON.stringify(body)).toMatchObject({ status: 400, body: error("USAGE") });
  }
  const named = await put(JSON.stringify({ ...spec, ports: [70_000] }));
  expect(named.body).toEqual(error("USAGE", expect.stringContaining("/ports/0")));
  const own = await send("PUT", "/v1/processes/supervisor", JSON.stringify({ ...spec, name: "supervisor" }));
  expect(own).toMatchObject({
    status: 400,
    body: error("USAGE", expect.stringContaining("cannot be named supervisor")),
  });
  expect(await client.list()).toEqual([]);
});

test("a body without end and a deep one do not exhaust the supervisor", async () => {
  const large = JSON.stringify({ ...stack.spec("web", {}), env: { A: "x".repeat(300_000) } });
  const refused = await send("PUT", "/v1/processes/web", large).catch((reason: unknown) => reason);
  // Who goes on writing may find the connection closed before it reads the answer.
  if (!(refused instanceof Error)) expect(refused).toMatchObject({ status: 413, body: error("USAGE") });
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  expect(await send("PUT", "/v1/processes/web", deep)).toMatchObject({ status: 400 });
  expect(await client.ping()).toEqual({ ok: true });
});

test("unknown addresses, methods, names and queries are told apart", async () => {
  expect(await send("GET", "/v1/nothing")).toEqual({ status: 404, body: error("NOT_FOUND") });
  expect(await send("GET", "/v2/ping")).toEqual({ status: 404, body: error("NOT_FOUND") });
  expect(await send("GET", "/v1/processes/..%2f..%2fx")).toMatchObject({ status: 404 });
  expect(await send("PATCH", "/v1/processes/web")).toEqual({ status: 405, body: error("USAGE") });
  expect(await send("GET", "/v1/processes/web")).toEqual({
    status: 404,
    body: error("NOT_FOUND", "There is no process named web."),
  });
  expect(await send("POST", "/v1/processes/web/restart")).toMatchObject({ status: 404 });
  expect(await send("GET", "/v1/processes/web/ready?timeout=soon")).toMatchObject({
    status: 400,
    body: error("USAGE"),
  });
  expect(await send("GET", "/v1/logs/supervisor?lines=-1")).toMatchObject({ status: 400, body: error("USAGE") });
  expect(await send("GET", "/v1/logs/never")).toMatchObject({ status: 404, body: error("NOT_FOUND") });
  expect(await send("DELETE", "/v1/processes/web")).toEqual({ status: 200, body: { removed: false } });
  await expect(client.get("web")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("garbage instead of HTTP is answered and forgotten", async () => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connectSocket(stack.paths.socket, () => socket.write("\u0000\u0001garbage\r\n\r\n"));
    void text(socket).then(resolve);
  });
  expect(answer).toContain("400 Bad Request");
  expect(await client.ping()).toEqual({ ok: true });
});

test("events begin with what is and go on with what changes", async () => {
  await client.put(stack.spec("seen", {}));
  await ready(client, "seen");
  const over = new AbortController();
  const events: SupervisorEvent[] = [];
  const watching = (async () => {
    for await (const event of client.events(over.signal)) events.push(event);
  })();
  await until(() => events.length === 1);
  expect(events[0]).toMatchObject({ type: "state", status: { name: "seen", state: "ready" } });
  await client.remove("seen");
  await until(() => events.at(-1)?.type === "removed");
  over.abort();
  await watching;
  const states = events.map((event) => (event.type === "state" ? event.status.state : event.type));
  expect(states).toEqual(["ready", "stopping", "stopped", "removed"]);
});

test("logs are read, followed and rotated while they are written", async () => {
  const code = 'let n = 0; setInterval(() => { for (let i = 0; i < 40; i += 1) console.log("line", ++n) }, 10)';
  await client.put(stack.spec("chatty", { command: [process.execPath, "-e", code] }));
  const over = new AbortController();
  let followed = "";
  const following = (async () => {
    for await (const chunk of client.logs("chatty", { lines: 10, follow: true, signal: over.signal }))
      followed += chunk;
  })();
  const { existsSync } = await import("node:fs");
  await until(() => existsSync(`${stack.paths.log("chatty")}.2`), 30_000);
  await until(() => followed.length > 50_000);
  await client.stop("chatty");
  over.abort();
  await following;
  expect(statSync(stack.paths.log("chatty")).size).toBeLessThan(1_000_000);
  const numbers = followed
    .split("\n")
    .slice(0, -1)
    .map((line) => Number(/^line (\d+)$/.exec(line)?.[1]));
  expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
  let tail = "";
  for await (const chunk of client.logs("chatty", { lines: 2 })) tail += chunk;
  expect(tail).toMatch(/^line \d+\nline \d+\n$/);
  let own = "";
  for await (const chunk of client.logs("supervisor", { lines: 500 })) own += chunk;
  expect(own).toContain("chatty: ready");
  await client.remove("chatty");
});

test("the supervisor tells its version and how little memory it takes", async () => {
  const version = await client.version();
  expect(version).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.version });
  expect(version.rss).toBeLessThan(110 << 20);
  expect(await connect(stack.paths)).toBeDefined();
});
