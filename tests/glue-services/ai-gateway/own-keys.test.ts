import { expect, test } from "vitest";
import { person } from "../build.ts";
import { provider, startGateway } from "./gateway.ts";
import { startUpstream } from "./upstream.ts";

const soon = () => new Date(Date.now() + 86_400_000).toISOString();

async function start() {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const { organisation } = rig.admin.identity;
  const developer = () => person({ organisation, scopes: ["ai:read", "ai:run"], via: "session" });
  const send = async (who: { headers: object }, method: "POST" | "DELETE", path: string, payload?: object) => {
    const headers = who.headers as Record<string, string>;
    const answer = await rig.app.inject({ method, url: `/api/ai/keys${path}`, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.body ? answer.json() : undefined };
  };
  return { rig, developer, send };
}

test("a developer makes a key of their own, whose calls count against their own budget", async () => {
  const { rig, developer, send } = await start();
  const dev = developer();
  const made = await send(dev, "POST", "", { name: "laptop", expiresAt: soon() });
  expect([made.status, made.body.personal, made.body.createdBy]).toEqual([201, true, dev.identity.person]);
  const budget = { level: "person", subject: dev.identity.person, unit: "requests", amount: 2, period: "ever" };
  await rig.ask("PUT", "/budgets", budget);
  const chat = { model: "mock/small", messages: [{ role: "user", content: "hi" }] };
  const statuses = [];
  for (let at = 0; at < 3; at++) statuses.push((await rig.post(made.body.key, "/chat/completions", chat)).status);
  expect(statuses).toEqual([200, 200, 429]);
  const rows = await rig.usage(2);
  expect(rows.every((row) => row.person === dev.identity.person)).toBe(true);
});

test("a key of one's own ends within a year, is of no project, and there are ten at most", async () => {
  const { developer, send } = await start();
  const dev = developer();
  const say = async (body: object) => {
    const { status, body: answer } = await send(dev, "POST", "", { name: "x", ...body });
    return [status, answer.error?.message];
  };
  expect(await say({})).toEqual([400, "A key of your own lasts at most 365 days."]);
  const late = new Date(Date.now() + 400 * 86_400_000).toISOString();
  expect((await say({ expiresAt: late }))[0]).toBe(400);
  expect((await say({ expiresAt: soon(), project: crypto.randomUUID() }))[0]).toBe(403);
  const all = await Promise.all(Array.from({ length: 12 }, () => say({ expiresAt: soon() })));
  expect(all.filter(([status]) => status === 201)).toHaveLength(10);
  expect(all.filter(([status]) => status === 409)).toHaveLength(2);
});

test("nobody revokes another's key without ai:manage, and an API key makes none", async () => {
  const { rig, developer, send } = await start();
  const [dev, other] = [developer(), developer()];
  const made = await send(dev, "POST", "", { name: "laptop", expiresAt: soon() });
  expect((await send(other, "DELETE", `/${made.body.id}`)).status).toBe(404);
  const shared = await rig.ask<{ id: string }>("POST", "/keys", { name: "shared" });
  expect((await send(dev, "DELETE", `/${shared.id}`)).status).toBe(404);
  expect((await send(dev, "DELETE", `/${made.body.id}`)).status).toBe(204);
  const program = person({ ...dev.identity, via: "key" });
  expect((await send(program, "POST", "", { name: "x", expiresAt: soon() })).status).toBe(403);
});

test("usage and calls of a model without a known price say so, and name the person", async () => {
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url, { free: false })] });
  const key = await rig.key();
  await rig.post(key, "/chat/completions", { model: "mock/small", messages: [{ role: "user", content: "hi" }] });
  await rig.usage(1);
  const sums = () => rig.ask<{ unpriced: boolean; cost: number }[]>("GET", "/usage?by=model");
  await expect.poll(async () => (await sums())[0]).toMatchObject({ unpriced: true, cost: 0 });
  expect((await rig.ask<object[]>("GET", "/calls"))[0]).toMatchObject({ unpriced: true, person: null });
  await rig.ask("PUT", "/prices", { model: "mock/small", input: 1, output: 1 });
  await expect.poll(async () => (await sums())[0]).toMatchObject({ unpriced: false });
});
