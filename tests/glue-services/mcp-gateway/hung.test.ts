import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { client, formerClient } from "./clients.ts";
import { startMcpGateway } from "./rig.ts";
import { saysName, scripted, toolsNamed } from "./scripted.ts";

it("a server that takes connections and answers nothing holds up no list: its last one is told, with its age, and calls of others go on", async () => {
  const well = await scripted({ "tools/list": toolsNamed("well"), "tools/call": saysName });
  const hung = await scripted({ "tools/list": toolsNamed("hung") });
  const rig = await startMcpGateway();
  await rig.add({ name: "well", transport: "http", url: well.url });
  await rig.add({ name: "hung", transport: "http", url: hung.url });
  const names = ["hung__hung", "well__well"];
  for (const connect of [client, formerClient]) {
    const { tools } = await (await connect(rig)).listTools();
    expect(tools.map(({ name }) => name)).toEqual(names);
  }
  const kept = async () => (await rig.owner.query("select 1 from mcp_gateway.answer")).rowCount;
  await expect.poll(kept).toBeGreaterThanOrEqual(2);
  await hung.close();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(hung.port, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.close();
    silent.closeAllConnections();
  });
  expect((silent.address() as AddressInfo).port).toBe(hung.port);
  for (const connect of [client, formerClient]) {
    const { tools, _meta } = await (await connect(rig)).listTools();
    expect(tools.map(({ name }) => name)).toEqual(names);
    expect(_meta?.["devflow/offline"]).toEqual([expect.objectContaining({ server: "hung" })]);
  }
}, 60_000);

it("a list whose later pages a server fails to give has what came, and takes nothing from other servers", async () => {
  const well = await scripted({ "tools/list": toolsNamed("well") });
  const broken = await scripted({
    "tools/list": ({ cursor }) =>
      cursor === undefined ? { ...toolsNamed("first"), nextCursor: "2" } : new Error("The second page is lost."),
  });
  const rig = await startMcpGateway();
  await rig.add({ name: "broken", transport: "http", url: broken.url });
  await rig.add({ name: "well", transport: "http", url: well.url });
  const one = await formerClient(rig);
  const told: unknown[] = [];
  one.fallbackNotificationHandler = async ({ params }) => void told.push(params);
  const { tools } = await one.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["broken__first", "well__well"]);
  await expect.poll(() => JSON.stringify(told)).toContain("The second page is lost.");
});
