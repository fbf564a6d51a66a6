import { expect, it, onTestFinished } from "vitest";
import { client, formerClient } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { serveReference } from "./reference/server.ts";
import { startMcpGateway } from "./rig.ts";

// What users of other gateways reported in public, each by the smallest exchange that shows it.

it("every live session hears that a server was added or removed, and sees its tools come and go", async () => {
  const [rig, reference] = await Promise.all([startMcpGateway({ services: [notesWithTools] }), serveReference()]);
  onTestFinished(() => reference.close());
  const sessions = [await client(rig, { mode: "legacy" }), await formerClient(rig)];
  const heard = sessions.map((session) => {
    const methods: string[] = [];
    session.fallbackNotificationHandler = async ({ method }: { method: string }) => void methods.push(method);
    return methods;
  });
  const seen = async () => {
    const lists = await Promise.all(sessions.map((session) => session.listTools()));
    return lists.map(({ tools }) => tools.some(({ name }) => name === "added__test_simple_text"));
  };
  expect(await seen()).toEqual([false, false]);
  const changed = () => heard.map((methods) => methods.includes("notifications/tools/list_changed"));
  const id = await rig.add({ name: "added", transport: "http", url: reference.url });
  await expect.poll(changed).toEqual([true, true]);
  await expect.poll(seen).toEqual([true, true]);
  for (const methods of heard) methods.length = 0;
  await rig.ask("DELETE", `/servers/${id}`);
  await expect.poll(changed).toEqual([true, true]);
  await expect.poll(seen).toEqual([false, false]);
});
