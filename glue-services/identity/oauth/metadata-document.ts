import { isIP } from "node:net";
import type { Pool } from "pg";
import { Agent, request } from "undici";
import { isPrivateHost, publicOnly } from "../../kit/index.ts";
import { BadRegistration, clientOf, kindOf, makeRoom } from "./registration.ts";

/** Name under which clients from documents are kept apart from those that registered. */
export const discoveryId = "metadata-document";

/** Milliseconds a document may take, is believed, is believed while it cannot be read, and is not asked for after that. */
const times = { fetch: 5000, fresh: 3_600_000, stale: 86_400_000, pause: 60_000 };
/** Bytes of a document, and documents that are read at once. */
const most = { bytes: 64 * 1024, atOnce: 8, remembered: 1000 };

interface Known {
  updatedAt?: Date | null | undefined;
}

export interface Documents {
  /** Whether a client's id is the address of a document that describes it. */
  matches(clientId: string): boolean;
  /** Whether the client is in the database as its document has it now. */
  learn(clientId: string, known: Known | null): Promise<boolean>;
}

/**
 * Clients whose id is an address: what they are stands there, and whoever owns the address owns the client. Only addresses
 * of the public network are asked, each rarely, whoever sends them.
 */
export function documentsOf(pool: Pool, connections: Agent = toPublicAddresses()): Documents {
  const failed = new Map<string, number>();
  let reading = 0;
  return {
    matches: isDocumentAddress,
    async learn(clientId, known) {
      const age = known?.updatedAt ? Date.now() - known.updatedAt.getTime() : Number.POSITIVE_INFINITY;
      if (age < times.fresh) return true;
      const asked = failed.get(clientId);
      const resting = asked !== undefined && performance.now() - asked < times.pause;
      if (resting || reading >= most.atOnce) return age < times.stale;
      reading++;
      try {
        await keep(pool, clientId, await read(clientId, connections));
        await makeRoom(pool);
        failed.delete(clientId);
        return true;
      } catch {
        if (failed.size >= most.remembered) failed.clear();
        failed.set(clientId, performance.now());
        return age < times.stale;
      } finally {
        reading--;
      }
    },
  };
}

function isDocumentAddress(clientId: string): boolean {
  const url = clientId.startsWith("https://") && clientId.length <= 2048 ? URL.parse(clientId) : null;
  // Written in its one form, so that two ids are never one client.
  if (!url || url.href !== clientId || url.username || url.password || clientId.includes("#")) return false;
  return url.pathname !== "/" && isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0 && !isPrivateHost(url.hostname);
}

/** @throws Error when there is no document that describes this client */
async function read(clientId: string, dispatcher: Agent): Promise<Record<string, unknown>> {
  const signal = AbortSignal.timeout(times.fetch);
  // Redirects are not followed: the address is the client.
  const answer = await request(clientId, { dispatcher, signal, headers: { accept: "application/json" } });
  if (answer.statusCode !== 200 || !/json/.test(String(answer.headers["content-type"]))) {
    await answer.body.dump({ limit: most.bytes });
    throw new Error("There is no document.");
  }
  let text = "";
  for await (const part of answer.body.setEncoding("utf8")) {
    text += part;
    if (text.length > most.bytes) throw new Error("The document is too large.");
  }
  const document = JSON.parse(text) as Record<string, unknown>;
  if (document?.client_id !== clientId) throw new Error("The document is another client's.");
  if (document.client_secret !== undefined) throw new Error("A document holds no secret.");
  // A program may name addresses of platforms that we send nobody to.
  const redirects = Array.isArray(document.redirect_uris) ? document.redirect_uris.filter(isUsable) : [];
  return clientOf({ ...document, redirect_uris: redirects });
}

async function keep(pool: Pool, clientId: string, client: Record<string, unknown>): Promise<void> {
  await pool.query(
    `insert into "oauthClient" ("clientId", "clientDiscoveryId", name, uri, "redirectUris", "tokenEndpointAuthMethod",
       "grantTypes", "responseTypes", "applicationType", "createdAt", "updatedAt")
     values ($1, $2, $3, $4, $5, 'none', $6, $7, $8, now(), now())
     on conflict ("clientId") do update set name = $3, uri = $4, "redirectUris" = $5, "applicationType" = $8, "updatedAt" = now()
     where "oauthClient"."clientDiscoveryId" = $2`,
    [
      ...[clientId, discoveryId, client.client_name, client.client_uri ?? null, JSON.stringify(client.redirect_uris)],
      ...[JSON.stringify(client.grant_types), JSON.stringify(client.response_types), client.application_type],
    ],
  );
}

function isUsable(redirect: unknown): boolean {
  try {
    return Boolean(kindOf(redirect));
  } catch (error) {
    if (error instanceof BadRegistration) return false;
    throw error;
  }
}

function toPublicAddresses(): Agent {
  return new Agent({ connections: 2, connect: publicOnly({ timeout: times.fetch }) });
}
