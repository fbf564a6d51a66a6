import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as FormerClient } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport as FormerTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { onTestFinished } from "vitest";
import type { Rig, Someone } from "./rig.ts";

/** A client of the SDK's second line, which speaks the protocol of 2026, or of 2025 when told to. */
export async function client(
  rig: Rig,
  options: { path?: string; who?: Someone; mode?: "auto" | "legacy"; more?: ClientOptions } = {},
): Promise<Client> {
  const { path = "/mcp", who = rig.admin, mode = "auto", more = {} } = options;
  const one = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode }, ...more });
  const transport = new StreamableHTTPClientTransport(new URL(path, rig.url), {
    requestInit: { headers: who.headers },
  });
  await one.connect(transport);
  onTestFinished(() => one.close());
  return one;
}

/** A client of the SDK's first line, as most editors have it today. */
export async function formerClient(
  rig: Rig,
  options: { path?: string; who?: Someone; sse?: boolean } = {},
): Promise<FormerClient> {
  const { path = "/mcp", who = rig.admin, sse = false } = options;
  const one = new FormerClient({ name: "test", version: "1" });
  const url = new URL(path, rig.url);
  const init = { requestInit: { headers: who.headers } };
  const transport = sse ? new SSEClientTransport(url, init) : new FormerTransport(url, init);
  await one.connect(transport as never);
  onTestFinished(() => one.close());
  return one;
}

/** The words of an answer. */
export function words(answer: unknown): string {
  const { content } = answer as { content: { type: string; text?: string }[] };
  return content.map(({ text = "" }) => text).join("");
}
