import { expect, it } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { colleague, type Rig, startMcpGateway } from "./rig.ts";
import { saysName, scripted, toolsNamed } from "./scripted.ts";
import { twoHosts } from "./two-hosts.ts";

const changed = "notifications/tools/list_changed";
const updated = "notifications/resources/updated";
const readme = { uri: "file:///readme.md", name: "readme" };
const script = {
  ...{ "tools/list": toolsNamed("before"), "tools/call": saysName, ping: {} },
  ...{ "resources/list": { resources: [readme] }, "resources/subscribe": {}, "resources/unsubscribe": {} },
};

interface Heard {
  method: string;
  uri?: unknown;
}

/** What a client hears from now on. */
function hears(one: { fallbackNotificationHandler?: unknown }): Heard[] {
  const heard: Heard[] = [];
  one.fallbackNotificationHandler = async ({ method, params }: { method: string; params?: { uri?: string } }) => {
    heard.push({ method, ...(params?.uri !== undefined && { uri: params.uri }) });
  };
  return heard;
}

for (const [which, connect] of [
  ["of 2025 with a session", async (rig: Rig) => formerClient(rig)],
  ["over SSE", async (rig: Rig) => formerClient(rig, { path: "/mcp/sse", sse: true })],
  [
    "of 2026",
    async (rig: Rig) => {
      const one = await client(rig);
      await one.listen({ toolsListChanged: true, resourceSubscriptions: [readme.uri] });
      return one;
    },
  ],
] as const) {
  it(`a client ${which} that only listens hears that a server went and came back with other tools, and of its resources again`, async () => {
    const server = await scripted(script);
    const rig = await startMcpGateway();
    await rig.add({ name: "notes", transport: "http", url: server.url });
    const one = await connect(rig);
    const heard = hears(one);
    if (which !== "of 2026") {
      await one.listTools();
      await one.subscribeResource({ uri: readme.uri });
    }
    await expect.poll(() => server.listening().length).toBeGreaterThan(0);
    server.tell(changed);
    await expect.poll(() => heard).toContainEqual({ method: changed });
    server.tell(updated, { uri: readme.uri });
    await expect.poll(() => heard).toContainEqual({ method: updated, uri: readme.uri });
    heard.length = 0;
    await server.close();
    const again = await scripted({ ...script, "tools/list": toolsNamed("after") }, { port: server.port });
    await expect.poll(() => heard).toContainEqual({ method: changed });
    // What changed while it was away may have been missed.
    expect(heard).toContainEqual({ method: updated, uri: readme.uri });
    expect(again.asked.filter(({ method }) => method === "resources/subscribe")).not.toEqual([]);
    heard.length = 0;
    await expect.poll(() => again.listening().length).toBeGreaterThan(0);
    again.tell(updated, { uri: readme.uri });
    await expect.poll(() => heard).toContainEqual({ method: updated, uri: readme.uri });
    expect((await one.listTools()).tools.map(({ name }) => name)).toEqual(["notes__after"]);
  }, 60_000);
}

for (const [forgotten, words_] of [
  [404, "as the protocol has it"],
  [400, "as many servers do"],
] as const) {
  it(`a server that was started anew and answers ${forgotten} to its former sessions, ${words_}, is asked again in a new one`, async () => {
    const server = await scripted(script);
    const rig = await startMcpGateway();
    await rig.add({ name: "notes", transport: "http", url: server.url });
    const [session, alone] = [await formerClient(rig), await client(rig)];
    const call = async (one: typeof session | typeof alone) =>
      words(await one.callTool({ name: "notes__before", arguments: {} }));
    expect([await call(session), await call(alone)]).toEqual(["before", "before"]);
    await server.close();
    await scripted(script, { port: server.port, forgotten });
    expect([await call(session), await call(alone)]).toEqual(["before", "before"]);
  }, 30_000);
}

it("what a server says to a caller's request at one host is heard on the caller's stream at another, and by nobody else", async () => {
  const { first, second } = await twoHosts();
  // It tells only the session whose call changed something, as programs do.
  const server = await scripted({
    ...script,
    "tools/call": ({ name }, session) => {
      server.tell(changed, {}, session);
      server.tell(updated, { uri: readme.uri }, session);
      return saysName({ name });
    },
  });
  await first.add({ name: "notes", transport: "http", url: server.url });
  const listening = await client(first);
  const heard = hears(listening);
  await listening.listen({ toolsListChanged: true, resourceSubscriptions: [readme.uri] });
  const other = await client(first, { who: colleague(first) });
  const others = hears(other);
  await other.listen({ toolsListChanged: true, resourceSubscriptions: [readme.uri] });
  const calling = await client(second);
  const call = () => calling.callTool({ name: "notes__before", arguments: {} });
  // Until the stream to the server is open, what it says is not heard.
  await call();
  const mine = () => server.asked.filter(({ method }) => method === "tools/call").at(-1)?.session ?? "";
  await expect.poll(() => server.listening().includes(mine())).toBe(true);
  [heard.length, others.length] = [0, 0];
  await call();
  await expect.poll(() => heard).toContainEqual({ method: changed });
  await expect.poll(() => heard).toContainEqual({ method: updated, uri: readme.uri });
  expect(others).toEqual([]);
}, 60_000);

it("a stream that was closed leaves no connection to its servers behind", async () => {
  const server = await scripted(script);
  const rig = await startMcpGateway();
  await rig.add({ name: "notes", transport: "http", url: server.url });
  const one = await client(rig);
  const stream = await one.listen({ toolsListChanged: true });
  await expect.poll(() => server.listening().length).toBe(1);
  await stream.close();
  await expect.poll(() => server.listening().length).toBe(0);
});
