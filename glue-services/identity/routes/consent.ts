import type { App, Verifier } from "../../kit/index.ts";
import { type AgentScope, agentScopes, isResource } from "../oauth/agents.ts";
import { kindOf } from "../oauth/registration.ts";
import { consentPage, strangerPage } from "../pages/consent.ts";
import { personAsked } from "../person.ts";
import { maybeSignedIn } from "../signed-in.ts";
import { pageHeaders } from "./pages.ts";

interface Query {
  client_id?: string;
  scope?: string;
  redirect_uri?: string;
  resource?: string | string[];
}

/**
 * The page on which a person lets a program act for them. What it shows is what the address says; agreeing sends the same
 * address, whose signature then is checked, so that nobody agrees to what was not asked.
 */
export function consentRoutes(app: App, { read, publicUrl }: { read: Verifier; publicUrl: string }): void {
  const settings = { auth: "public", config: { quiet: true }, schema: { hide: true } } as const;
  app.get<{ Querystring: Query }>("/consent", settings, async (request, reply) => {
    reply.headers(pageHeaders).type("text/html; charset=utf-8");
    const identity = await read(request);
    const asked = maybeSignedIn(identity);
    if (!identity || !asked) return reply.redirect(`/sign-in${request.url.slice("/consent".length)}`);
    const { client_id: id, scope = "", redirect_uri: redirect, resource } = request.query;
    const { rows } = await app.database.pool.query<{ name: string | null; document: boolean }>(
      `select name, "clientDiscoveryId" is not null as document from "oauthClient"
       where "clientId" = $1 and not coalesce(disabled, false) and "skipConsent" is not true`,
      [id],
    );
    const [client] = rows;
    const resources = [resource ?? []].flat();
    if (!client || !redirect || !resources.every((one) => isResource(publicUrl, one))) {
      return reply.code(404).send(strangerPage());
    }
    const { organisations, ...person } = await personAsked(app.database.pool, asked.person);
    return reply.send(
      consentPage({
        program: client.name ?? "A program without a name",
        knownBy: client.document ? new URL(String(id)).host : undefined,
        answersAt: { place: new URL(redirect).origin, here: kindOf(redirect) === "loopback" },
        opens: resources.map(nameOf).join(", ") || "Nothing here",
        ...{ person, organisation: identity.organisation, organisations },
        scopes: scope.split(" ").filter((one): one is AgentScope => one in agentScopes),
      }),
    );
  });
}

function nameOf(resource: string): string {
  const name = /\/servers\/([^/]+)$/.exec(resource)?.[1];
  return name ? `The MCP server ${name}` : "All MCP servers and the platform's own tools";
}
