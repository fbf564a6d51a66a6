import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";

/** Address of the description of every route; each is described by the schemas that also validate it. */
export const openApiPath = "/api/openapi.json";

/** Collects the routes that are registered after it. A route with `schema: {hide: true}` stays out. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "DevFlow", version, description: "Every glue service that this host runs." },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "devflow_session" },
          key: { type: "http", scheme: "bearer" },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
    transform: ({ schema, url, route }) => {
      if (route.auth === "public" || route.auth === undefined) return { schema, url };
      const scopes = route.auth.scope ? [route.auth.scope] : [];
      return { schema: { ...schema, security: [{ session: [] }, { key: scopes }] }, url };
    },
  });
}

/** Registered last, so that authentication is already demanded of it like of every other route. */
export function serveApiDescription(app: FastifyInstance): void {
  app.get(openApiPath, { auth: "public", schema: { hide: true } }, async () => app.swagger());
}
