import { ApiError, type App, type Tenant, type Transaction } from "../kit/index.ts";
import { secretsContract } from "../secrets/contract.ts";
import type { Given, ServerGiven } from "./schemas.ts";
import { placeholder, replaceSecrets } from "./secrets-in.ts";

/** A server as it is stored: no value in it looks like a secret. */
export interface Stored {
  server: ServerGiven;
  /** Names of the secrets that were kept for it, and end with it. */
  kept: string[];
  /** Ends what is not used when the server was stored, or what was made when it was not. */
  settle(stored: boolean): Promise<void>;
}

/**
 * Keeps every value that looks like a secret with the secrets of the organisation.
 *
 * @param former names that were kept for this server before
 * @throws ApiError UNAVAILABLE where the host keeps no secrets
 */
export async function keepSecrets(
  app: App,
  reader: Tenant & { credential?: string },
  given: ServerGiven,
  former: readonly string[],
): Promise<Stored> {
  const found: { name: string; value: string }[] = [];
  replaceSecrets(given, (name, value) => {
    found.push({ name, value });
    return name;
  });
  if (found.length > 0 && !app.reaches(secretsContract)) throw noSecrets();
  const secrets = app.use(secretsContract);
  const names: string[] = [];
  for (const one of found) {
    // A name of this server's is given another value, but only once.
    const mine = former.filter((name) => !names.includes(name));
    names.push(await secrets.keep({ reader, wanted: { ...one, mine } }));
  }
  let next = 0;
  const server = replaceSecrets(given, () => names[next++] as string);
  const used = secretsOf(server);
  const kept = [...new Set([...names, ...former.filter((name) => used.has(name))])];
  const settle = async (stored: boolean) => {
    const unused = stored
      ? former.filter((name) => !kept.includes(name))
      : names.filter((name) => !former.includes(name));
    for (const name of unused) await secrets.forget({ reader, name });
  };
  return { server, kept, settle };
}

/** Replaces values that stay as they are by what is stored. @throws ApiError INVALID when there is none */
export function withFormer(
  given: ServerGiven,
  former: { headers: Record<string, Given>; environment: Record<string, Given> } | undefined,
): ServerGiven {
  const fill = (field: "headers" | "environment") => {
    const all = given[field];
    if (!all) return {};
    const filled = Object.entries(all).map(([name, one]) => {
      if (!("unchanged" in one)) return [name, one];
      const stored = former?.[field][name];
      if (!stored) throw new ApiError("INVALID", `There is no value of ${name} that could stay as it is.`);
      return [name, stored];
    });
    return { [field]: Object.fromEntries(filled) };
  };
  return { ...given, ...fill("headers"), ...fill("environment") };
}

/** Brings servers that an earlier version stored with their secrets to secrets of their organisation. */
export async function keepStored(app: App): Promise<void> {
  if (!app.reaches(secretsContract)) return;
  const { rows } = await app.database.pool.query<{ organisation: string; id: string }>(
    "select organisation_id as organisation, id from mcp_gateway.servers_to_check()",
  );
  for (const { organisation, id } of rows) {
    const reader = { organisation, person: undefined };
    const read = (tx: Transaction) =>
      tx.query<ServerGiven>("select name, transport, url, command, headers, environment from server where id = $1", [
        id,
      ]);
    const [row] = (await app.database.readTenant(reader, read)).rows;
    if (!row) continue;
    const { server, kept, settle } = await keepSecrets(app, reader, row, []);
    const { rowCount } = await app.database.withTenant(reader, (tx) =>
      tx.query(
        `update server set url = $2, command = $3, headers = $4, environment = $5, kept = $6, changed_at = now()
         where id = $1 and kept is null`,
        [...[id, server.url, server.command, JSON.stringify(server.headers), JSON.stringify(server.environment), kept]],
      ),
    );
    await settle(rowCount === 1);
  }
}

function secretsOf({ url = "", command, headers, environment }: ServerGiven): Set<string> {
  const texts = [url, ...(command ?? [])];
  const named = texts.flatMap((text) => [...(text ?? "").matchAll(placeholder)].map(([, name]) => name as string));
  const given = [...Object.values(headers ?? {}), ...Object.values(environment ?? {})];
  return new Set([...named, ...given.flatMap((one) => ("secret" in one ? [one.secret] : []))]);
}

function noSecrets(): ApiError {
  return new ApiError("UNAVAILABLE", "This host has no secrets service, so that it keeps no token of a server.", {
    hint: "Name a secret instead of the value.",
    docs: "secrets",
  });
}
