import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Pool } from "pg";
import { demandSlug, type Identity, notAMember } from "../kit/index.ts";
import type { Presented } from "./contract.ts";
import { cookieNames } from "./cookie-names.ts";
import { type AccessToken, type ReadToken, tokenReader } from "./oauth/access-token.ts";
import { issuerOf } from "./oauth/agents.ts";
import { allows, common } from "./permissions.ts";
import { presentedBy } from "./presented.ts";
import { rememberIdentities } from "./remembered.ts";
import { hashOf } from "./token.ts";

export const keyPrefix = "dfk_";
const keyShape = /^Bearer (dfk_[A-Za-z0-9_-]{43})$/i;
/** An access token: a signed JWT. */
const tokenShape = /^Bearer (eyJ[A-Za-z0-9_-]{1,2048}\.[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{1,1024})$/i;

export interface IdentityReader {
  /**
   * Who sent the request; undefined when its cookie, key or token is absent, malformed, expired, revoked or for elsewhere.
   *
   * @throws ApiError NOT_A_MEMBER
   */
  read(request: FastifyRequest): Promise<Identity | undefined>;
  /** The same for what a request to another host presents. */
  readPresented(presented: Presented): Promise<Identity | undefined>;
  /** Forgets everyone. */
  forget(): void;
}

/** Reads sessions, keys and tokens, once for all requests that come within the time it stays fresh. */
export function identityReader(pool: Pool, secret: string, publicUrl: string): IdentityReader {
  const readToken = tokenReader(pool, issuerOf(publicUrl));
  const cookie = cookieNames(publicUrl).sent;
  const known = rememberIdentities();
  return {
    read: async (request) => readPresented(presentedBy(request)),
    readPresented,
    forget: known.forget,
  };

  async function readPresented(presented: Presented): Promise<Identity | undefined> {
    const proof = proofOf(presented, secret, cookie);
    if (!proof) return undefined;
    const { declared } = presented;
    const id = `${proof.via} ${hashOf(proof.value).toString("base64")} ${placeOf(proof)} ${markOf(declared)}`;
    return known.get(id, () => look(pool, readToken, proof, declared));
  }
}

const marks = new WeakMap<readonly string[], string>();

/** Tells one host's scopes from another's; each host's own list is one and the same all the time. */
function markOf(declared: readonly string[]): string {
  const mark = marks.get(declared) ?? hash("sha256", declared.join(" "), "base64");
  marks.set(declared, mark);
  return mark;
}

type Proof =
  | { via: "key"; value: string }
  | { via: "session"; value: string; organisation: string | undefined }
  | { via: "token"; value: string; audience: string };

/** What else an identity depends on. */
function placeOf(proof: Proof): string {
  if (proof.via === "key") return "";
  return (proof.via === "token" ? proof.audience : proof.organisation) ?? "";
}

/** A bearer key wins over a cookie: whoever sends one means it. */
function proofOf(presented: Presented, secret: string, cookie: string): Proof | undefined {
  const { authorization, organisation, audience } = presented;
  if (authorization !== undefined) {
    const key = keyShape.exec(authorization)?.[1];
    if (key) return { via: "key", value: key };
    // A token opens the address it was made for and no other; most addresses take none.
    const value = audience && tokenShape.exec(authorization)?.[1];
    return value ? { via: "token", value, audience } : undefined;
  }
  const token = sessionToken(presented.cookie ?? "", cookie, secret);
  return token ? { via: "session", value: token, organisation: demandSlug(organisation) } : undefined;
}

/**
 * The token in the session's cookie whose signature is ours. There may be others of its name: a browser also sends those
 * that a parent domain has set, in any order.
 */
export function sessionToken(header: string, name: string, secret: string): string | undefined {
  for (const pair of header.split(/; */)) {
    const [key, value] = pair.split(/=(.*)/s, 2) as [string, string?];
    const token = key === name && value !== undefined ? signedToken(value, secret) : undefined;
    if (token !== undefined) return token;
  }
  return undefined;
}

/** A header of cookies without those that have the session's name and are not signed by us, for readers of the first alone. */
export function withoutForeignSessions(header: string, name: string, secret: string): string {
  const kept = header.split(/; */).filter((pair) => {
    const [key, value] = pair.split(/=(.*)/s, 2) as [string, string?];
    return key !== name || (value !== undefined && signedToken(value, secret) !== undefined);
  });
  return kept.join("; ");
}

function signedToken(value: string, secret: string): string | undefined {
  const signed = decode(value);
  const dot = signed.lastIndexOf(".");
  const token = signed.slice(0, dot);
  const expected = createHmac("sha256", secret).update(token).digest();
  const given = Buffer.from(signed.slice(dot + 1), "base64");
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined;
}

async function look(
  pool: Pool,
  readToken: ReadToken,
  proof: Proof,
  declared: readonly string[],
): Promise<Identity | undefined> {
  if (proof.via === "token") {
    const token = await readToken(proof.value);
    return token?.audience.includes(proof.audience) ? agentOf(pool, token, declared) : undefined;
  }
  if (proof.via === "key") {
    const { rows } = await pool.query<FoundKey>({
      name: "identity.key",
      text: "select organisation, scopes, credential, maker, allowed, personal from identity.key_identity($1)",
      values: [hashOf(proof.value)],
    });
    return rows[0] && ofKey(rows[0], declared);
  }
  const found = await ofSession(pool, proof.value, proof.organisation);
  return found && identityOf(found, "session", declared);
}

/** @throws ApiError NOT_A_MEMBER for a valid session whose person is not in the organisation that was asked for */
async function ofSession(pool: Pool, token: string, organisation: string | undefined): Promise<Found | undefined> {
  const ask = async (slug: string | undefined) => {
    const { rows } = await pool.query<Found>({
      name: "identity.session",
      text: "select person, organisation, roles, scopes, credential from identity.session_identity($1, $2)",
      values: [token, slug],
    });
    return rows[0];
  };
  const found = await ask(organisation);
  if (!found && organisation !== undefined && (await ask(undefined))) throw notAMember(organisation);
  return found;
}

/** The person whom a token acts for, with what both the token and their roles allow. */
async function agentOf(pool: Pool, token: AccessToken, declared: readonly string[]): Promise<Identity | undefined> {
  const { rows } = await pool.query<Found & { client: string }>({
    name: "identity.token",
    text: "select person, organisation, roles, scopes, credential, client from identity.token_identity($1, $2, $3)",
    values: [token.consent, token.issued, token.session],
  });
  const [found] = rows;
  if (!found || found.client !== token.client) return undefined;
  const scopes = declared.filter((one) => allows(token.scopes, one) && allows(found.scopes, one));
  const { person, organisation, roles, credential, client } = found;
  return { person: person ?? undefined, organisation, roles, scopes, via: "token", credential, client };
}

interface Found {
  person: string | null;
  organisation: string;
  roles: string[];
  scopes: string[];
  credential: string;
}

interface FoundKey {
  organisation: string;
  scopes: string[];
  credential: string;
  maker: string;
  allowed: string[];
  personal: boolean;
}

/**
 * A key does what it was made for, as far as the person whose right it acts by may do that now. A personal one does it as
 * that person, without their roles: what asks for a role asks for somebody at a browser.
 */
function ofKey(
  { organisation, scopes, credential, maker, allowed, personal }: FoundKey,
  declared: readonly string[],
): Identity {
  const held = spell(common(scopes, allowed), declared);
  return { person: personal ? maker : undefined, maker, organisation, roles: [], scopes: held, via: "key", credential };
}

function identityOf(found: Found, via: "session", declared: readonly string[]): Identity {
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
