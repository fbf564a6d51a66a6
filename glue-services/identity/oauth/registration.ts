import { isIP } from "node:net";
import type { Pool } from "pg";

/** Longest name and address, redirect addresses, and programs that nobody agreed to yet, at most. */
const limits = { name: 100, address: 2048, redirects: 10, unused: 2000 };

/** What is wrong with a registration, as RFC 7591 has it. */
export class BadRegistration extends Error {
  readonly code: "invalid_redirect_uri" | "invalid_client_metadata";

  constructor(code: BadRegistration["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What is made of a program's registration (RFC 7591): a public client, which has no secret and must use PKCE, for the two grants
 * that need a person. What else it says of itself (keys, addresses to fetch or to call, scopes) is not taken.
 *
 * @throws BadRegistration
 */
export async function registrationOf(request: Request): Promise<Request> {
  const body = JSON.stringify(clientOf(parse(await request.text())));
  const headers = {
    "content-type": "application/json",
    "x-devflow-client": request.headers.get("x-devflow-client") ?? "",
  };
  return new Request(request.url, { method: "POST", headers, body });
}

/** Programs that nobody agreed to are forgotten, the oldest first, so that registering cannot fill the database. */
export async function makeRoom(pool: Pool): Promise<void> {
  await pool.query(
    `delete from "oauthClient" where id in (select a.id from "oauthClient" a
       where a."skipConsent" is not true and not exists (select from "oauthConsent" c where c."clientId" = a."clientId")
       order by a."createdAt" desc offset $1)`,
    [limits.unused],
  );
}

/** The answer to a registration that is refused. Other errors are not its sender's. */
export function asProtocolSays(error: unknown): Response {
  if (!(error instanceof BadRegistration)) throw error;
  return Response.json({ error: error.code, error_description: error.message }, { status: 400 });
}

/** @throws BadRegistration */
export function clientOf(given: Record<string, unknown>): Record<string, unknown> {
  const redirects = given.redirect_uris;
  if (!Array.isArray(redirects) || redirects.length === 0 || redirects.length > limits.redirects) {
    throw new BadRegistration("invalid_redirect_uri", `redirect_uris has one to ${limits.redirects} addresses.`);
  }
  const kinds = redirects.map(kindOf);
  const name = cleaned(given.client_name);
  const site = typeof given.client_uri === "string" && isWebSite(given.client_uri) ? given.client_uri : undefined;
  return {
    ...{ redirect_uris: redirects, client_name: name ?? "A program without a name", ...(site && { client_uri: site }) },
    ...{ token_endpoint_auth_method: "none", grant_types: ["authorization_code", "refresh_token"] },
    ...{ response_types: ["code"], application_type: kinds.includes("loopback") ? "native" : "web" },
  };
}

/** Where a code may be sent: to a program on the person's own machine, or to a site over HTTPS. @throws BadRegistration */
export function kindOf(redirect: unknown): "loopback" | "https" {
  const url = typeof redirect === "string" && isPlain(redirect) ? URL.parse(redirect) : null;
  if (!url || url.username || url.password || String(redirect).includes("#")) {
    throw new BadRegistration("invalid_redirect_uri", "A redirect address is absolute, without a user and a fragment.");
  }
  if (url.hostname.includes("*")) {
    throw new BadRegistration("invalid_redirect_uri", "A redirect address names one host: no * stands for others.");
  }
  const here = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && here) return "loopback";
  if (url.protocol === "https:" && !here) return "https";
  throw new BadRegistration(
    "invalid_redirect_uri",
    "A redirect address begins with https://, or with http://localhost, http://127.0.0.1 or http://[::1].",
  );
}

/** As RFC 3986 writes an address: what readers would leave out, turn around or encode is no part of one. */
function isPlain(address: string): boolean {
  return address.length <= limits.address && /^[!-~]+$/.test(address) && !/[\\"<>^`{|}]/.test(address);
}

function parse(body: string): Record<string, unknown> {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw new BadRegistration("invalid_client_metadata", "The body is not JSON.");
  }
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  throw new BadRegistration("invalid_client_metadata", "The body is not a JSON object.");
}

/** A name as people read it: nothing that hides or turns letters around. */
export function cleaned(name: unknown): string | undefined {
  if (typeof name !== "string") return undefined;
  const shown = [...name.replaceAll(/[\p{C}\s]+/gu, " ").trim()].slice(0, limits.name).join("");
  return shown === "" ? undefined : shown;
}

function isWebSite(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === "https:" && address.length <= limits.address && isIP(url.hostname) === 0;
}
