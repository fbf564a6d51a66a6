import { Agent } from "undici";
import { publicOnly } from "../../kit/index.ts";
import type { McpServer } from "../servers.ts";

/** Connections to servers, kept open. */
export interface Agents {
  of(server: Pick<McpServer, "internal">): Agent;
  close(): Promise<void>;
}

/** To one server: each client that listens to it keeps one, so that fewer would leave none for calls. */
const connections = 4096;

export function openAgents(): Agents {
  const options = { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 20_000 };
  const anywhere = new Agent({ ...options, connect: { timeout: 5000 } });
  const publicly = new Agent({ ...options, connect: publicOnly({ timeout: 5000 }) });
  return {
    of: ({ internal }) => (internal ? anywhere : publicly),
    close: async () => void (await Promise.all([anywhere.destroy(), publicly.destroy()])),
  };
}
