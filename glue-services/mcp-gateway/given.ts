import type { App } from "../kit/index.ts";
import { secretsContract } from "../secrets/contract.ts";
import type { Caller } from "./access/caller.ts";
import type { Given } from "./schemas.ts";
import type { McpServer } from "./servers.ts";

/** Reads a secret for a server; kept in memory only by whoever asks. */
export type ReadSecret = (caller: Caller, server: McpServer, name: string) => Promise<string>;

/** From the secrets service. */
export function fromSecrets(app: App): ReadSecret {
  return async (caller, server, name) => {
    const wanted = { name, purpose: `MCP server ${server.name}` };
    // An organisation chooses where its server is: the platform's secrets must not go there.
    const secrets = app.use(secretsContract);
    return (await secrets.resolve({ reader: caller, wanted, platform: server.internal })).value;
  };
}

/** A text with the secrets that were kept for its server in place of `$(NAME)`. @throws ApiError */
export async function resolveText(read: ReadSecret, caller: Caller, server: McpServer, text: string): Promise<string> {
  let whole = text;
  for (const name of server.kept) {
    const place = `$(${name})`;
    if (!whole.includes(place)) continue;
    const value = await read(caller, server, name);
    // As a function: `$` in a value means nothing to `replaceAll` then.
    whole = whole.replaceAll(place, () => value);
  }
  return whole;
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
