import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";

/** Address of the description of every route; each is described by the schemas that also validate it. */
export const openApiPath = "/api/openapi.json";

/**
 * Collects the routes that are registered after it. A route with `schema: {hide: true}` stays out.
 *
 * @param session name of the cookie that proves a browser's session
 */
export async function describeApi(app: FastifyInstance, version: string, session: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "DevFlow", version, description: "Every glue service that this host runs." },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: session },
          key: { type: "http", scheme: "bearer" },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
    transform: ({ schema, url, route }) => {
      // Whatever goes wrong is told in the one shape, unless the route says otherwise.
      const response = { default: failure, ...(schema?.response as object | undefined) };
      const described = { ...schema, response };
      if (route.auth === "public" || route.auth === undefined) return { schema: described, url };
      const scopes = route.auth.scope ? [route.auth.scope] : [];
      return { schema: { ...described, security: [{ session: [] }, { key: scopes }] }, url };
    },
    transformObject: (document) => {
      const found = "openapiObject" in document ? document.openapiObject : document.swaggerObject;
      return rewriteTuples(found) as typeof found;
    },
  });
}

const failure = { description: "It failed; `error.code` says how.", $ref: "ErrorAnswer#" };

/** Lists of places, each of its own type, as JSON Schema 2020-12 has them: `items: [..]` was draft 7's. */
function rewriteTuples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewriteTuples);
  if (typeof value !== "object" || value === null) return value;
  const { items, additionalItems, ...rest } = value as Record<string, unknown>;
  const copy = Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, rewriteTuples(one)]));
  if (!Array.isArray(items)) {
    if (items !== undefined) copy.items = rewriteTuples(items);
    if (additionalItems !== undefined) copy.additionalItems = rewriteTuples(additionalItems);
    return copy;
  }
  return { ...copy, prefixItems: items.map(rewriteTuples), items: rewriteTuples(additionalItems ?? false) };
}

/** Registered last, so that authentication is already demanded of it like of every other route. */
export function serveApiDescription(app: FastifyInstance): void {
  app.get(openApiPath, { auth: "public", schema: { hide: true } }, async () => app.swagger());
}
