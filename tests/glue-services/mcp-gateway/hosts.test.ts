import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { colleague, type Rig } from "./rig.ts";
import { twoHosts } from "./two-hosts.ts";

const program = fileURLToPath(new URL("reference/server.ts", import.meta.url));
async function withProgram(): Promise<Rig> {
  const { both } = await twoHosts();
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", program, "former"];
  await both.add({ name: "former", transport: "stdio", command });
  return both;
}

for (const [which, connect, prefix] of [
  ["of 2025 with a session", (rig: Rig) => formerClient(rig), "former__"],
  ["over HTTP with SSE", (rig: Rig) => formerClient(rig, { path: "/mcp/sse", sse: true }), "former__"],
  ["of one server", (rig: Rig) => formerClient(rig, { path: "/mcp/servers/former" }), ""],
  ["of 2026", (rig: Rig) => client(rig), "former__"],
] as const) {
  it(`a client ${which} is answered whichever of two hosts its requests come to`, async () => {
    const rig = await withProgram();
    const one = await connect(rig);
    for (let n = 0; n < 4; n++) {
      const answer = await one.callTool({ name: `${prefix}test_simple_text`, arguments: {} });
      expect([n, words(answer)]).toEqual([n, "This is a simple text response for testing."]);
    }
  });
}

it("a question in the middle of a call is answered at the host where it waits", async () => {
  const rig = await withProgram();
  const one = await client(rig, { more: { capabilities: { elicitation: { form: {} } } } });
  one.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { response: "yes" } }));
  for (let n = 0; n < 3; n++) {
    const answer = await one.callTool({ name: "former__test_elicitation", arguments: { message: "Go on?" } });
    expect(words(answer)).toContain("yes");
  }
});

it("what is forwarded to another host is still of use to its caller alone, and a host that is gone to nobody", async () => {
  const rig = await withProgram();
  const post = (body: object, more: Record<string, string> = {}, who = rig.admin) =>
    fetch(`${rig.url}/mcp`, {
      method: "POST",
      headers: {
        ...{ ...who.headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
        ...more,
      },
      body: JSON.stringify(body),
    });
  const begun = await post({
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  });
  await begun.text();
  const session = begun.headers.get("mcp-session-id") ?? "";
  const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
  for (let n = 0; n < 2; n++) {
    expect((await post(list, { "mcp-session-id": session })).status).toBe(200);
    expect((await post(list, { "mcp-session-id": session }, colleague(rig))).status).toBe(404);
    const gone = session.replace(/^[^.]+/, "00000000-0000-4000-8000-000000000000");
    expect((await post(list, { "mcp-session-id": gone })).status).toBe(404);
  }
});
