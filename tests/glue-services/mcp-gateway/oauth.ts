import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { OAuthClientProvider } from "@modelcontextprotocol/client";
import { request } from "undici";
import { expect, onTestFinished } from "vitest";
import { type IdentityOptions, identity } from "../../../glue-services/identity/app.ts";
import { issueLink } from "../../../glue-services/identity/one-time-link.ts";
import type { Service } from "../../../glue-services/kit/index.ts";
import { type McpGatewayOptions, mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { type Built, build } from "../build.ts";
import { secret, strong } from "../identity/platform.ts";

export interface Signed extends Built {
  /** Where it listens, and what it believes that people reach it as. */
  url: string;
  /** Somebody who has just signed in for the first time, as owner. */
  ada: Browser;
}

/** Identity and the MCP gateway as the host has them, on an address of this machine. */
export async function platformWithSignOn(
  services: readonly Service[] = [],
  options: Partial<McpGatewayOptions> & Pick<IdentityOptions, "documents"> = {},
): Promise<Signed> {
  const { documents, ...more } = options;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const people = identity({ publicUrl: url, secret, clients: [], ...(documents && { documents }) });
  const gateway = mcpGateway({ publicUrl: url, programs: true, ...more });
  const built = await build([people, ...services, gateway], { verify: people.verify });
  await built.app.listen({ host: "127.0.0.1", port });
  onTestFinished(() => void built.app.server.closeAllConnections());
  const ada = browser(url);
  const link = await issueLink(built.owner, url, "welcome");
  const body = { token: link.split("#")[1], name: "Ada", email: "ada@example.com", password: strong };
  await ada.ok("POST", "/api/identity/welcome", { ...body, organisation: "Example Ltd" });
  return { ...built, url, ada };
}

/** Somebody with a browser: it keeps cookies, and follows no redirect by itself. */
export interface Browser {
  cookies: Map<string, string>;
  send(method: string, address: string, body?: object): Promise<{ status: number; location: string; text: string }>;
  /** @throws Error when it is refused */
  ok<Answer>(method: string, address: string, body?: object): Promise<Answer>;
  /** Lets a program that sent them here act for them: the address it is sent back to. */
  agree(address: URL | string, how?: { accept?: boolean; scope?: string }): Promise<URL>;
}

export function browser(origin: string): Browser {
  const cookies = new Map<string, string>();
  const self: Browser = {
    cookies,
    async send(method, address, body) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      // Not by fetch, which would say that a script asks and not a person.
      const answer = await request(new URL(address, origin), {
        method: method as "GET",
        headers: {
          accept: method === "GET" ? "text/html" : "application/json",
          ...(cookie && { cookie }),
          ...(method !== "GET" && { origin, "sec-fetch-site": "same-origin" }),
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === "" || line.includes("Max-Age=0")) cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = String(answer.headers.location ?? "");
      return { status: answer.statusCode, location, text: await answer.body.text() };
    },
    async ok<Answer>(method: string, address: string, body?: object): Promise<Answer> {
      const { status, text } = await self.send(method, address, body);
      if (status >= 300) throw new Error(`${method} ${address}: ${status} ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as Answer;
    },
    async agree(address, { accept = true, scope } = {}) {
      const begun = await self.send("GET", String(address));
      const next = new URL(begun.location, origin);
      if (next.pathname !== "/consent") return next;
      const page = await self.send("GET", String(next));
      if (page.status !== 200) throw new Error(`the page answers ${page.status}`);
      const organisation = /data-organisation="([^"]+)"/.exec(page.text)?.[1];
      const body = { accept, organisation, ...(scope && { scope }), oauth_query: next.search.slice(1) };
      const { url } = await self.ok<{ url: string }>("POST", "/api/auth/oauth2/consent", body);
      return new URL(url);
    },
  };
  return self;
}

/** What a client of either line of the SDK keeps of its sign-on. */
export interface Kept extends OAuthClientProvider {
  /** Where it sent its person. */
  sentTo: URL | undefined;
  saved: { client?: Record<string, unknown>; tokens?: Record<string, string> };
}

export function provider(more: Partial<OAuthClientProvider> = {}): Kept {
  const saved: Kept["saved"] = {};
  let verifier = "";
  let discovered: unknown;
  const kept: Kept = {
    sentTo: undefined,
    saved,
    redirectUrl: "http://localhost:33418/callback",
    clientMetadata: {
      client_name: "An editor",
      redirect_uris: ["http://localhost:33418/callback"],
      grant_types: ["authorization_code", "refresh_token"],
    },
    clientInformation: () => saved.client as never,
    saveClientInformation(client) {
      saved.client = client as never;
    },
    tokens: () => saved.tokens as never,
    saveTokens(tokens) {
      saved.tokens = tokens as never;
    },
    redirectToAuthorization(address) {
      kept.sentTo = address;
    },
    saveCodeVerifier(value) {
      verifier = value;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState(state) {
      discovered = state;
    },
    discoveryState: () => discovered as never,
    invalidateCredentials(which) {
      if (which === "tokens" || which === "all") delete saved.tokens;
      if (which === "client" || which === "all") delete saved.client;
    },
    ...more,
  };
  return kept;
}

export interface Given {
  access_token: string;
  refresh_token: string;
  scope: string;
  client_id: string;
}

export const redirect = "http://localhost:33418/callback";
export const verifier = "a-verifier-that-is-long-enough-for-every-server-there-is";

/** A program that registers itself: its id. */
export async function register(on: Signed, more: object = {}): Promise<string> {
  const body = JSON.stringify({ client_name: "A program", redirect_uris: [redirect], ...more });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${on.url}/api/auth/oauth2/register`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { client_id: string }).client_id;
}

/** The address that a program sends its person to; undefined leaves a parameter out. */
export function authorization(on: Signed, client: string, more: Record<string, string | undefined> = {}): string {
  const all: Record<string, string | undefined> = {
    ...{ response_type: "code", client_id: client, redirect_uri: redirect, state: "s", scope: "mcp:use *:read" },
    ...{ code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256" },
    ...{ resource: `${on.url}/mcp`, ...more },
  };
  const known = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return `${on.url}/api/auth/oauth2/authorize?${new URLSearchParams(known)}`;
}

export function ask(on: Signed, parameters: Record<string, string>): Promise<Response> {
  return fetch(`${on.url}/api/auth/oauth2/token`, { method: "POST", body: new URLSearchParams(parameters) });
}

/** What a program gets once its person agreed. */
export async function tokens(
  on: Signed,
  more: { who?: Browser; client?: string; scope?: string; path?: string } = {},
): Promise<Given & { code: string }> {
  const { who = on.ada, scope = "mcp:use *:read", path = "/mcp" } = more;
  const client_id = more.client ?? (await register(on));
  const resource = `${on.url}${path}`;
  const back = await who.agree(authorization(on, client_id, { scope, resource }));
  const code = back.searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
  const answer = await ask(on, { ...grant, client_id, resource });
  if (!answer.ok) throw new Error(`${back} ${await answer.text()}`);
  return { ...((await answer.json()) as Given), client_id, code };
}

/** Sends a message to the gateway with a token, or with none. */
export function post(on: Signed, path: string, token: string | undefined, message: object = {}): Promise<Response> {
  return fetch(`${on.url}${path}`, {
    method: "POST",
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
  });
}

export const initialize = {
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whoever may speak to the gateway gets further than to be asked who they are. */
export async function status(on: Signed, path: string, token: string | undefined): Promise<number> {
  const answer = await post(on, path, token, initialize);
  await answer.body?.cancel();
  return answer.status;
}

/** Asks again until it is so. */
export function soon(probe: () => Promise<number>) {
  return expect.poll(probe, { interval: 20 });
}
