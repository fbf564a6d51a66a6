import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import type { Pool } from "pg";

/** An access token that this service signed and that has not ended. Whether it still counts is its consent's to say. */
export interface AccessToken {
  audience: readonly string[];
  client: string;
  consent: string;
  /** As the database wrote it, to the microsecond. */
  issued: string;
  /** Undefined when it outlives the browser's session in which it was agreed to. */
  session: string | undefined;
  scopes: readonly string[];
}

export type ReadToken = (token: string) => Promise<AccessToken | undefined>;

/** Milliseconds after which keys are read again for a token that none of them signed. */
const again = 5000;

/** Checks signature, maker, kind and time of a token; all else about it is undefined when one of them is wrong. */
export function tokenReader(pool: Pool, issuer: string): ReadToken {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let at = Number.NEGATIVE_INFINITY;
  return async (token) => {
    try {
      return await check(token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey && performance.now() - at > again) {
        keys = undefined;
        return check(token).catch(unlessOurs);
      }
      return unlessOurs(error);
    }
  };

  async function check(token: string): Promise<AccessToken | undefined> {
    keys ??= await load();
    const options = { issuer, algorithms: ["RS256"], typ: "at+jwt", requiredClaims: ["aud", "exp", "client_id"] };
    const { payload } = await jwtVerify(token, keys, options);
    const { aud, client_id: client, consent, issued, sid, scope } = payload;
    if (typeof client !== "string" || typeof consent !== "string" || typeof issued !== "string") return undefined;
    return {
      audience: [aud ?? []].flat(),
      ...{ client, consent, issued },
      session: typeof sid === "string" ? sid : undefined,
      scopes: typeof scope === "string" ? scope.split(" ") : [],
    };
  }

  async function load() {
    at = performance.now();
    const { rows } = await pool.query<{ kid: string; key: string; alg: string | null }>(
      'select id as kid, "publicKey" as key, alg from identity.jwks',
    );
    const set: JSONWebKeySet = {
      keys: rows.map(({ kid, key, alg }) => ({ ...JSON.parse(key), kid, alg: alg ?? "RS256" })),
    };
    return createLocalJWKSet(set);
  }
}

/** What is wrong with a token is its sender's affair; that the database is away is not. */
function unlessOurs(error: unknown): undefined {
  if (error instanceof errors.JOSEError) return undefined;
  throw error;
}
