import type { FastifyInstance } from "fastify";
import { Type } from "typebox";

/** Throws, or takes longer than 2 s, while the process should not be sent requests. */
export type ReadyCheck = () => Promise<unknown>;

const limit = 2000;

const Health = Type.Object({ status: Type.Literal("ok"), version: Type.String() });
const Readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), ms: Type.Number() })),
});

/** `/healthz`: the process is alive. `/readyz`: all that was registered by `app.readyWhen(name, check)` holds. */
export function reportHealth(app: FastifyInstance, version: string): void {
  const checks = new Map<string, ReadyCheck>();
  app.decorate("readyWhen", (name: string, check: ReadyCheck) => void checks.set(name, check));

  const config = { quiet: true, rateLimit: false } as const;
  app.get(
    "/healthz",
    { auth: "public", config, schema: { tags: ["health"], response: { 200: Health } } },
    async () => ({
      status: "ok" as const,
      version,
    }),
  );
  const schema = { tags: ["health"], response: { 200: Readiness, 503: Readiness } };
  app.get("/readyz", { auth: "public", config, schema }, async (request, reply) => {
    const results = await Promise.all([...checks].map(([name, check]) => run(name, check, request.log)));
    const ready = results.every((result) => result.ok);
    return reply.code(ready ? 200 : 503).send({ ready, checks: results });
  });
}

/** The reason of a failure goes to the log only: it may name hosts and roles. */
async function run(name: string, check: ReadyCheck, log: FastifyInstance["log"]) {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
  });
  const ok = await Promise.race([check(), late]).then(
    () => true,
    (error: unknown) => {
      log.warn({ err: error, check: name }, "not ready");
      return false;
    },
  );
  clearTimeout(timer);
  return { name, ok, ms: Math.round(performance.now() - start) };
}

declare module "fastify" {
  interface FastifyInstance {
    /** Adds a condition to `/readyz`. */
    readyWhen(name: string, check: ReadyCheck): void;
  }
}
