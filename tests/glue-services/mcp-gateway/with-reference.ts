import { onTestFinished } from "vitest";
import { serveReference } from "./reference/server.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

/** A gateway with the reference server. */
export async function withReference(): Promise<Rig> {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "reference", transport: "http", url: reference.url });
  return rig;
}

/** Where that answers, and how a session begins. */
export const path = "/mcp/servers/reference";
export const initialize = {
  ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
