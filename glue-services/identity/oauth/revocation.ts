import type { App } from "../../kit/index.ts";
import { tokenReader } from "./access-token.ts";

/**
 * Revokes an access token (RFC 7009), which the library cannot: it is signed and stands for itself. With it ends what else
 * the same program was given before by the same consent; who still has a refresh token gets a new one.
 *
 * @returns undefined for other tokens, which the library revokes
 */
export async function revokesAccess(
  { database: { pool } }: App,
  request: Request,
  issuer: string,
): Promise<Response | undefined> {
  const given = new URLSearchParams(await request.text());
  const value = given.get("token") ?? "";
  if (!/^eyJ[^.]+\.[^.]+\.[^.]+$/.test(value)) return undefined;
  const token = await tokenReader(pool, issuer)(value);
  // One that is not valid is as good as revoked.
  if (!token) return new Response(null, { status: 200 });
  if (token.client !== given.get("client_id")) {
    return Response.json(
      { error: "invalid_client", error_description: "The token is another client's." },
      { status: 400 },
    );
  }
  await pool.query('update "oauthConsent" set "cutAt" = clock_timestamp() where id = $1', [token.consent]);
  return new Response(null, { status: 200 });
}
