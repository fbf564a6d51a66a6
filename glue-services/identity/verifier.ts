import { createHmac, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Pool } from "pg";
import type { Identity } from "../kit/index.ts";
import { declaredScopes } from "./declared-scopes.ts";
import { allows } from "./permissions.ts";
import { hashOf } from "./token.ts";

/** Names of the session's cookie, on plain HTTP and on HTTPS. */
const cookies = ["__Secure-devflow_session", "devflow_session"];

export const keyPrefix = "dfk_";
const keyShape = /^Bearer (dfk_[A-Za-z0-9_-]{43})$/i;

/** Milliseconds an identity is known without asking again. Notifications end it sooner; this bounds a lost one. */
const fresh = 1500;
/** Identities remembered at most. */
const most = 10_000;

export interface IdentityReader {
  /** Who sent the request; undefined when its cookie or key is absent, malformed, expired or revoked. */
  read(request: FastifyRequest): Promise<Identity | undefined>;
  /** Forgets everyone. */
  forget(): void;
}

/** Reads sessions and keys, once for all requests that come within the time it stays fresh. */
export function identityReader(pool: Pool, secret: string): IdentityReader {
  const known = new Map<string, { at: number; identity: Promise<Identity | undefined> }>();
  return {
    async read(request) {
      const proof = proofOf(request, secret);
      if (!proof) return undefined;
      const id = `${proof.via} ${hashOf(proof.value).toString("base64")}`;
      const found = known.get(id);
      if (found && performance.now() - found.at < fresh) return found.identity;
      if (known.size >= most) known.clear();
      const entry = { at: performance.now(), identity: look(pool, proof, declaredScopes(request.server)) };
      known.set(id, entry);
      entry.identity.then(
        // An invalid one is not kept: guesses must not fill the memory, and a key works as soon as it is made.
        (identity) => identity === undefined && known.get(id) === entry && known.delete(id),
        () => known.delete(id),
      );
      return entry.identity;
    },
    forget: () => known.clear(),
  };
}

interface Proof {
  via: "session" | "key";
  value: string;
}

/** A bearer key wins over a cookie: whoever sends one means it. */
function proofOf({ headers }: FastifyRequest, secret: string): Proof | undefined {
  if (headers.authorization !== undefined) {
    const key = keyShape.exec(headers.authorization)?.[1];
    return key ? { via: "key", value: key } : undefined;
  }
  const token = sessionToken(headers.cookie ?? "", secret);
  return token ? { via: "session", value: token } : undefined;
}

/** The token in the session's cookie, when its signature is ours. */
export function sessionToken(header: string, secret: string): string | undefined {
  const pairs = header.split(/; */).map((pair) => pair.split(/=(.*)/s, 2) as [string, string?]);
  const value = cookies.map((name) => pairs.find(([key]) => key === name)?.[1]).find((found) => found !== undefined);
  if (value === undefined) return undefined;
  const signed = decode(value);
  const dot = signed.lastIndexOf(".");
  const token = signed.slice(0, dot);
  const expected = createHmac("sha256", secret).update(token).digest();
  const given = Buffer.from(signed.slice(dot + 1), "base64");
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined;
}

async function look(pool: Pool, proof: Proof, declared: readonly string[]): Promise<Identity | undefined> {
  if (proof.via === "key") {
    const { rows } = await pool.query<Found>({
      name: "identity.key",
      text: "select null as person, organisation, '{}'::text[] as roles, scopes, credential from identity.key_identity($1)",
      values: [hashOf(proof.value)],
    });
    return rows[0] && identityOf(rows[0], "key", declared);
  }
  const { rows } = await pool.query<Found>({
    name: "identity.session",
    text: "select person, organisation, roles, scopes, credential from identity.session_identity($1)",
    values: [proof.value],
  });
  return rows[0] && identityOf(rows[0], "session", declared);
}

interface Found {
  person: string | null;
  organisation: string;
  roles: string[];
  scopes: string[];
  credential: string;
}

function identityOf(found: Found, via: Identity["via"], declared: readonly string[]): Identity {
  const { organisation, roles, credential } = found;
  return {
    person: found.person ?? undefined,
    organisation,
    roles,
    scopes: spell(found.scopes, declared),
    via,
    credential,
  };
}

/** Routes ask for exact scopes, so patterns are spelled out for those that any route declares. */
function spell(scopes: string[], declared: readonly string[]): string[] {
  if (scopes.includes("*")) return ["*"];
  return [...new Set([...scopes, ...declared.filter((one) => allows(scopes, one))])];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
