import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { startMcpGateway } from "./rig.ts";
import { saysName, scripted, toolsNamed } from "./scripted.ts";

// Only what ends unused things is moved: everything else goes on in its own time.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** So many minutes later the gateway has looked for what nobody uses any more. */
function later(minutes: number): void {
  vi.setSystemTime(Date.now() + minutes * 60_000);
  vi.advanceTimersByTime(15_000);
}

/** A server with a tool that answers when it is told to. */
async function slow() {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const server = await scripted({
    ...{ "tools/list": toolsNamed("wait", "look"), ping: {} },
    "tools/call": async ({ name }) => {
      if (name === "wait") {
        begun.resolve();
        await gate.promise;
      }
      return saysName({ name });
    },
  });
  return { server, begun: begun.promise, go: gate.resolve };
}

for (const [which, connect] of [
  ["of 2026", client],
  ["of 2025 with a session", formerClient],
] as const) {
  it(`a call of a client ${which} that takes hours is answered, and its connections stay until then`, async () => {
    const { server, begun, go } = await slow();
    const rig = await startMcpGateway();
    await rig.add({ name: "slow", transport: "http", url: server.url });
    const one = await connect(rig);
    const answer = one.callTool({ name: "slow__wait", arguments: {} });
    await begun;
    for (const minutes of [6, 31, 600]) later(minutes);
    go();
    expect(words(await answer)).toBe("wait");
    expect(words(await one.callTool({ name: "slow__look", arguments: {} }))).toBe("look");
  }, 30_000);
}

it("a session lives as long as its client listens, and half an hour after that", async () => {
  const rig = await startMcpGateway();
  const one = await formerClient(rig);
  await one.listTools();
  const { transport } = one as unknown as { transport: { sessionId: string; close(): Promise<void> } };
  const ask = async () => {
    const answer = await fetch(`${rig.url}/mcp`, {
      method: "POST",
      headers: {
        ...{ ...rig.admin.headers, "content-type": "application/json", "mcp-session-id": transport.sessionId },
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
    });
    await answer.text();
    return answer.status;
  };
  for (let n = 0; n < 3; n++) later(31);
  expect(await ask()).toBe(200);
  // The client goes without a word, as one that crashed.
  await transport.close();
  const askLater = () => {
    later(31);
    return ask();
  };
  await expect.poll(askLater).toBe(404);
}, 30_000);
