import type { App } from "../kit/index.ts";
import { ApiError } from "../kit/index.ts";
import { secretsOf } from "../secrets/reader.ts";
import type { Caller } from "./access/caller.ts";
import type { Given } from "./schemas.ts";
import type { McpServer } from "./servers.ts";

/** Reads a secret for a server; kept in memory only by whoever asks. */
export type ReadSecret = (caller: Caller, server: McpServer, name: string) => Promise<string>;

/** From the secrets service of this host. */
export function fromSecrets(app: App): ReadSecret {
  return async (caller, server, name) => {
    const { tier, value } = await secretsOf(app).resolve(caller, { name, purpose: `MCP server ${server.name}` });
    // An organisation chooses where its server is: the platform's secrets must not go there.
    if (tier !== "platform" || server.internal) return value;
    throw new ApiError("FORBIDDEN", `${name} is the platform's own secret.`, {
      hint: `Set one of the organisation: devflow secrets set ${name} --tier organisation`,
      docs: "mcp",
    });
  };
}

/** The values of a server's headers or environment, with its secrets read. @throws ApiError */
export async function resolveAll(
  read: ReadSecret,
  caller: Caller,
  server: McpServer,
  given: Readonly<Record<string, Given>>,
): Promise<Record<string, string>> {
  const entries = Object.entries(given).map(async ([name, one]) => {
    const value = "value" in one ? one.value : `${one.prefix ?? ""}${await read(caller, server, one.secret)}`;
    return [name, value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
