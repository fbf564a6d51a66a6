import { type Database, remember } from "../kit/index.ts";
import type { Caller } from "./access/caller.ts";
import type { Rule } from "./access/rules.ts";
import type { Limits } from "./limits/meter.ts";
import type { Given } from "./schemas.ts";

/** A server behind the gateway. */
export interface McpServer {
  id: string;
  organisation: string;
  /** Undefined: everybody's in the organisation. */
  person: string | undefined;
  name: string;
  title: string;
  transport: "http" | "sse" | "stdio";
  url: string;
  command: readonly string[];
  headers: Readonly<Record<string, Given>>;
  environment: Readonly<Record<string, Given>>;
  /** Names of the secrets that stand as `$(NAME)` in its address and command. */
  kept: readonly string[];
  /** Its address may be in a private network: somebody who administers the platform entered it. */
  internal: boolean;
  /** Changes with what it is made from, so that connections to its former self are not used. */
  version: string;
}

/** Said where servers may not be programs of the host. */
export const noPrograms =
  "This platform starts no programs, which it could not keep from its own keys: run it elsewhere, and give its address.";

/** Names a server as it is now. */
export function keyOf({ id, version }: McpServer): string {
  return `${id} ${version}`;
}

export interface Organisation {
  servers: readonly McpServer[];
  rules: readonly Rule[];
  limits: Limits;
}

export interface Registry {
  /** Those that this caller may speak to, and the rules for their tools. */
  of(caller: Caller): Promise<Organisation>;
  /** Something changed: ask again. */
  doubt(): void;
}

type Row = Omit<McpServer, "organisation" | "person" | "url" | "command"> & {
  person: string | null;
  url: string | null;
  command: string[] | null;
};

/** @param usual limits of an organisation that set none */
export function openRegistry({ database }: { database: Database }, usual: Limits): Registry {
  const known = remember(async (organisation) => {
    const { rows } = await database.query<{ servers: Row[] | null; rules: Rule[] | null; limits: Limits | null }>(
      { organisation },
      {
        name: "mcp.organisation",
        text: `select
          (select jsonb_agg(jsonb_build_object('id', id, 'person', person_id, 'name', name, 'title', title,
            'transport', transport, 'url', url, 'command', command, 'headers', headers, 'environment', environment,
            'kept', coalesce(kept, '{}'), 'internal', internal, 'version', changed_at) order by name) from server where enabled) as servers,
          (select jsonb_agg(jsonb_build_object('server', server, 'tool', tool, 'role', role, 'person', person_id,
            'agent', agent, 'effect', effect)) from rule) as rules,
          (select jsonb_build_object('caller', caller, 'organisation', organisation) from rate_limit) as limits`,
      },
    );
    const servers = (rows[0]?.servers ?? []).map((row) => toServer(row, organisation));
    return { servers, rules: rows[0]?.rules ?? [], limits: rows[0]?.limits ?? usual };
  });
  return {
    doubt: known.doubt,
    async of(caller) {
      const found = await known.get(caller.organisation);
      return {
        servers: visible(found?.servers ?? [], caller.person),
        ...{ rules: found?.rules ?? [], limits: found?.limits ?? usual },
      };
    },
  };
}

/** A person's own server stands before the organisation's of the same name. */
function visible(servers: readonly McpServer[], person: string | undefined): McpServer[] {
  const own = servers.filter((server) => server.person !== undefined && server.person === person);
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...servers.filter((server) => server.person === undefined && !names.has(server.name))];
}

function toServer(row: Row, organisation: string): McpServer {
  return { ...row, organisation, person: row.person ?? undefined, url: row.url ?? "", command: row.command ?? [] };
}
