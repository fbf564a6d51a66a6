import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";

/** What a host may take of its server's connections. */
export interface Share {
  /** Most that one host opens, all its pools together. @default what the server has left for each host */
  connections?: number | undefined;
  /** Most hosts that are up at a time, with those that a rolling update adds. @default 1 */
  hosts?: number | undefined;
  /** What other programs of the server may take. @default a quarter of what the server accepts */
  others?: number | undefined;
}

/** Connections of each pool of a host. */
export interface Budget {
  owner: number;
  /** Of each service that has a database. */
  requests: number;
  background: number;
}

/**
 * Connections that are kept while the host lives, all of the owner: one hears what other hosts tell, and each of the two
 * job queues has one that hears of jobs and one that holds its name.
 */
const kept = 1 + 2 * 2;
/** Those that the owner's other statements share. */
const shared = { least: 2, most: 5 };
/** Of each service. More than `most` would be of no use. */
const requests = { least: 2, most: 12 };
const background = { least: 1, most: 4 };

/** Connections that a host with so many stored services needs at least, and those it has a use for. */
export function boundsOf(services: number): { least: number; most: number } {
  return {
    least: kept + shared.least + services * (requests.least + background.least),
    most: kept + shared.most + services * (requests.most + background.most),
  };
}

/**
 * Divides a host's connections among its pools: the sum of all of them is never more than `connections`.
 *
 * @param connections no less than the least that `boundsOf` tells
 */
export function divide(connections: number, services: number): Budget {
  const { least, most } = boundsOf(services);
  const spare = Math.min(connections, most) - least;
  const ownersMore = Math.min(shared.most - shared.least, Math.floor(spare / (services + 1)));
  const each = services === 0 ? 0 : Math.floor((spare - ownersMore) / services);
  const backgroundMore = Math.min(background.most - background.least, Math.floor(each / 4));
  return {
    owner: kept + shared.least + ownersMore,
    requests: Math.min(requests.most, requests.least + each - backgroundMore),
    background: background.least + backgroundMore,
  };
}

/** What a server accepts in all, and what it keeps for its superusers. */
export interface Server {
  accepts: number;
  keeps: number;
}

/**
 * What one host may open. A share that does not fit the server is made smaller, and `tooMuch` says why.
 *
 * @throws Error when not even the least fits what the server accepts
 */
export function connectionsOf(
  server: Server,
  services: number,
  { connections, hosts = 1, others = Math.ceil(server.accepts / 4) }: Share = {},
): { connections: number; tooMuch?: string } {
  const { least, most } = boundsOf(services);
  const usable = server.accepts - server.keeps;
  if (least > usable) {
    throw new Error(
      `PostgreSQL accepts ${usable} connections, but a host of ${services} services needs ${least}. Set sizing.postgres.maxConnections to ${least + server.keeps} or more.`,
    );
  }
  const left = Math.max(0, usable - others);
  const fits = Math.floor(left / hosts);
  const wanted = connections ?? Math.min(most, Math.max(least, fits));
  if (wanted <= fits && wanted >= least) return { connections: wanted };
  const taken = Math.max(least, Math.min(wanted, fits));
  const sum = `${hosts} ${hosts === 1 ? "host" : "hosts"} with ${Math.max(wanted, least)} connections each`;
  return {
    connections: taken,
    tooMuch: `PostgreSQL accepts ${usable} connections, ${others} of them are for other programs, and ${sum} (at least ${least} each) do not fit into the ${left} that are left. This host takes ${taken}. Set sizing.postgres.maxConnections higher.`,
  };
}

/** Looks at the server, and says what each pool of this host may open. @throws Error when it can never be enough */
export async function budgetOf(owner: Pool, services: number, share: Share, log: FastifyBaseLogger): Promise<Budget> {
  const { rows } = await owner.query<Server>(`
    select least(current_setting('max_connections')::int, nullif(datconnlimit, -1)) as accepts,
      current_setting('superuser_reserved_connections')::int
        + coalesce(current_setting('reserved_connections', true)::int, 0) as keeps
    from pg_database where datname = current_database()`);
  const { connections, tooMuch } = connectionsOf(rows[0] as Server, services, share);
  if (tooMuch) log.warn({ connections }, tooMuch);
  return divide(connections, services);
}
