import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ports } from "../../../installer/preflight/checks/ports.ts";
import { run } from "../preflight/machine.ts";
import { commandProbe, freePort, httpProbe, ready, type TestStack, tcpProbe, testStack } from "./test-stack.ts";

let one: TestStack;
let other: TestStack;

beforeEach(async () => {
  [one, other] = [await testStack(), await testStack()];
});

afterEach(async () => {
  await one.dispose();
  await other.dispose();
});

const answering = (port: number) => `
  import { createServer } from "node:http";
  createServer((_, response) => response.end("here")).listen({ port: ${port}, host: "127.0.0.1", reusePort: true });
`;

test("a process whose port another stack's program shares is never ready, and is ended with that stack's name", async () => {
  const port = await freePort();
  const spec = async (stack: TestStack) =>
    stack.spec("web", {
      ...{ command: await stack.program("web", answering(port)), ports: [port] },
      ready: httpProbe(`http://127.0.0.1:${port}/`),
    });
  const first = await one.client();
  await first.put(await spec(one));
  await ready(first, "web");
  const second = await other.client();
  await second.put(await spec(other));
  const { outcome, reason } = await second.wait("web", 60_000);
  expect(outcome).toBe("failed");
  expect(reason).toContain(`port ${port} is held by node (pid `);
  expect(reason).toContain(`of stack test (${one.paths.root})`);
  expect(await ready(first, "web")).toMatchObject({ state: "ready", restarts: 0 });
});

test("an answer of somebody else on a process's port is no readiness, whatever the probe is", async () => {
  await using held = await holder();
  const client = await one.client();
  for (const [name, probe] of [
    ["by-command", commandProbe("true")],
    ["by-port", tcpProbe(held.port)],
  ] as const) {
    await client.put(one.spec(name, { ports: [held.port], ready: probe }));
    const { outcome, reason } = await client.wait(name, 60_000);
    expect([name, outcome]).toEqual([name, "failed"]);
    expect(reason).toContain(`port ${held.port} is held by`);
    await client.stop(name);
  }
});

test("a port that a child of the process listens on is its own", async () => {
  const port = await freePort();
  const program = await one.program("child", answering(port));
  const client = await one.client();
  const sh = `${program.join(" ")} & wait`;
  await client.put(one.spec("parent", { sh, ports: [port], ready: tcpProbe(port) }));
  expect(await ready(client, "parent")).toMatchObject({ state: "ready" });
});

test("preflight names another stack with its folder, and never proposes to kill its programs", async () => {
  const port = await freePort();
  const client = await other.client();
  const command = await other.program("web", answering(port));
  await client.put(other.spec("web", { command, ports: [port], ready: tcpProbe(port) }));
  await ready(client, "web");
  const need = [{ component: "proxy", port }];
  const movable = await run(ports, { folder: one.folder, port, ports: need });
  expect(movable.result).toBe(`port ${port} is held by another DevFlow stack: test (${other.paths.root})`);
  const fixed = await run(ports, { folder: one.folder, port, domain: "dev.example.com", ports: need });
  expect(fixed.fix).toContain("./devflow down --stack test");
  expect(fixed.fix).toContain("DEVFLOW_HOME=");
  expect([movable.fix, fixed.fix].join()).not.toContain("kill");
});

async function holder() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
