import { expect, it } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { serveReference } from "./reference/server.ts";
import { colleague, startMcpGateway } from "./rig.ts";

const path = "/mcp/servers/away";

it("while a server is away its lists and what was read are there, with their age; calls are not", async () => {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  await rig.add({ name: "away", transport: "http", url: reference.url });
  for (const open of [() => client(rig, { path }), () => formerClient(rig, { path })]) {
    const one = await open();
    await one.listTools();
    await one.readResource({ uri: "test://static-text" });
  }
  await expect
    .poll(async () => (await rig.owner.query("select 1 from mcp_gateway.answer")).rowCount)
    .toBeGreaterThanOrEqual(4);
  await reference.close();

  for (const open of [() => client(rig, { path }), () => formerClient(rig, { path })]) {
    const one = await open();
    const { tools, _meta } = await one.listTools();
    expect(tools.map(({ name }) => name)).toContain("test_simple_text");
    expect(_meta?.["devflow/offline"]).toMatchObject({ server: "away", ageSeconds: expect.any(Number) });
    const { contents } = await one.readResource({ uri: "test://static-text" });
    expect(JSON.stringify(contents)).toContain("static text resource");
    await expect(one.callTool({ name: "test_simple_text", arguments: {} })).rejects.toThrow(/cannot be reached/);
  }
  const all = await client(rig);
  expect((await all.listTools()).tools.map(({ name }) => name)).toContain("away__test_simple_text");

  // What somebody was answered is not shown to somebody else.
  await expect((await client(rig, { path: "/mcp", who: colleague(rig) })).listTools()).resolves.toMatchObject({
    tools: [],
  });
});

it("a session that began without the server ends when it is back, and the client begins anew", async () => {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  await rig.add({ name: "away", transport: "http", url: reference.url });
  const before = await formerClient(rig, { path });
  await before.listTools();
  await expect
    .poll(async () => (await rig.owner.query("select 1 from mcp_gateway.answer")).rowCount)
    .toBeGreaterThanOrEqual(2);
  const port = Number(new URL(reference.url).port);
  await reference.close();
  const during = await formerClient(rig, { path });
  await during.listTools();
  const again = await serveReference(port);
  try {
    await expect(during.listTools()).rejects.toThrow();
    const after = await formerClient(rig, { path });
    expect(words(await after.callTool({ name: "test_simple_text", arguments: {} }))).toContain("simple text");
  } finally {
    await again.close();
  }
});
