import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { App } from "../../kit/index.ts";

/**
 * Seconds in which a refresh token that was used gives the same answer again. Two windows of one program refresh at once,
 * and one whose answer was lost on the way tries again; after that a token used twice is a stolen one (RFC 9700, 4.14.2).
 */
export const reuseSeconds = 30;

/** How often, and after how many milliseconds, the answer that another request is being given is looked for. */
const look = { most: 40, every: 50 };

/** Asks for tokens; of two requests that use a refresh token in the same moment the second has the answer of the first. */
export async function refreshed(
  { database: { pool } }: App,
  request: Request,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const form = new URLSearchParams(await request.clone().text());
  let response = await ask(request.clone());
  const token = form.get("grant_type") === "refresh_token" ? form.get("refresh_token") : null;
  if (!token) return response;
  let kept = false;
  for (let tries = 0; response.status === 400 && tries < look.most; tries++) {
    const { rows } = await pool.query<{ kept: boolean }>(
      `select "rotationReplayResponse" is not null as kept from "oauthRefreshToken"
       where token = $1 and "rotationReplayExpiresAt" > now()`,
      [createHash("sha256").update(token).digest("base64url")],
    );
    const [row] = rows;
    // What was kept is not for this request: it asks for something else.
    if (!row || (row.kept && kept)) break;
    ({ kept } = row);
    if (!kept) await pause(look.every);
    response = await ask(request.clone());
  }
  return response;
}
