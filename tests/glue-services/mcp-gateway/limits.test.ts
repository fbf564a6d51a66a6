import { expect, it, onTestFinished, vi } from "vitest";
import { asCaller } from "../../../glue-services/mcp-gateway/access/caller.ts";
import { openMeter, TooMany } from "../../../glue-services/mcp-gateway/limits/meter.ts";
import { client } from "./clients.ts";
import { colleague, type Rig, type Someone, startMcpGateway } from "./rig.ts";

const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

/** In the middle of a minute, so that none ends in a test. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 60_000) * 60_000 + 20_000 });
  onTestFinished(() => void vi.useRealTimers());
}

async function send(rig: Rig, who: Someone, body: object = ping) {
  const headers = { ...who.headers, host: "localhost", "content-type": "application/json", accept: "application/json" };
  return rig.app.inject({ method: "POST", url: "/mcp", headers, payload: body });
}

it("of calls that come at once exactly as many pass as the limit says; the others are told when to come again", async () => {
  holdTime();
  const rig = await startMcpGateway();
  expect((await rig.ask("GET", "/limits")).body).toEqual({ caller: 1200, organisation: 12_000 });
  expect((await rig.ask("PUT", "/limits", { caller: 50, organisation: 120 })).status).toBe(200);
  const [one, other, third] = [colleague(rig), colleague(rig), colleague(rig, { person: undefined })];
  const many = (who: Someone, count: number) => Promise.all(Array.from({ length: count }, () => send(rig, who)));
  const passed = (answers: Awaited<ReturnType<typeof many>>) =>
    answers.filter(({ statusCode }) => statusCode !== 429).length;
  const first = await many(one, 200);
  expect(passed(first)).toBe(50);
  const refused = first.find(({ statusCode }) => statusCode === 429);
  expect(refused?.headers["retry-after"]).toBe("40");
  expect(refused?.json().error.message).toContain(
    "At most 50 messages a minute for you; the next are welcome in 40 s.",
  );
  expect(passed(await many(other, 60))).toBe(50);
  // The organisation's own limit counts everybody together.
  const last = await many(third, 30);
  expect(passed(last)).toBe(20);
  expect(last.at(-1)?.json().error.message).toContain("for your organisation");
  vi.setSystemTime(Date.now() + 60_000);
  expect(passed(await many(one, 5))).toBe(5);
});

it("several hosts together never let more pass than the limit, and agents go on while the database is away", async () => {
  holdTime();
  const rig = await startMcpGateway();
  const caller = asCaller(colleague(rig).identity);
  const hosts = Array.from({ length: 3 }, () => openMeter(rig.database));
  const limits = { caller: 100, organisation: 1000 };
  let passed = 0;
  await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      try {
        await hosts[at % 3]?.spend(caller, limits, 1);
        passed++;
      } catch (error) {
        if (!(error instanceof TooMany)) throw error;
      }
    }),
  );
  expect(passed).toBeLessThanOrEqual(100);
  expect(passed).toBeGreaterThanOrEqual(85);

  const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const alone = openMeter({ ...rig.database, query: () => Promise.reject(away) });
  await expect(alone.spend(caller, limits, 1)).resolves.toBeUndefined();
});

it("a list of messages counts for as many as it has, and a limit is set only by who manages servers", async () => {
  holdTime();
  const rig = await startMcpGateway({ limits: { caller: 10, organisation: 1000 } });
  const one = colleague(rig, { scopes: ["mcp:use", "mcp:read"] });
  expect((await send(rig, one, Array(11).fill(ping))).statusCode).toBe(429);
  expect((await rig.ask("PUT", "/limits", { caller: 1000, organisation: 1000 }, one)).status).toBe(403);
  expect((await rig.ask("PUT", "/limits", { caller: 0, organisation: 1 })).status).toBe(400);
  await expect(
    (async () => {
      const agent = await client(rig, { who: colleague(rig) });
      for (let count = 0; count < 20; count++) await agent.listTools();
    })(),
  ).rejects.toThrow(/At most 10 messages a minute/);
});
