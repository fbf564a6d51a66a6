import type { FastifyInstance } from "fastify";

/** A scope as a service declares it. */
export interface DeclaredScope {
  name: string;
  /** What it lets somebody do, in words. */
  lets: string;
  /** Title of the service. */
  service: string;
}

/** The scopes of a host. */
export interface Scopes {
  /** Those that its routes and tools ask for. */
  asked: Set<string>;
  /** Those of every service, whether it is mounted here or not; none where the host has no declarations. */
  declared: readonly DeclaredScope[];
}

/**
 * Notes every scope that is asked for. Where services are declared, one that nobody declared stops the start: people who
 * make keys and roles would not learn of it.
 */
export function collectScopes(app: FastifyInstance, declared: readonly DeclaredScope[]): void {
  const asked = new Set<string>();
  app.decorate("scopes", { asked, declared });
  app.addHook("onRoute", ({ auth }) => {
    if (auth !== undefined && auth !== "public" && auth.scope !== undefined) asked.add(auth.scope);
  });
  if (declared.length === 0) return;
  app.addHook("onReady", async () => {
    const lost = [...asked].filter((scope) => !declared.some(({ name }) => name === scope));
    if (lost.length === 0) return;
    throw new Error(
      `No service declares the scope ${lost.join(", ")}: name it under \`scopes\` in the service.ts of the service that asks for it.`,
    );
  });
}

declare module "fastify" {
  interface FastifyInstance {
    scopes: Scopes;
  }
}
