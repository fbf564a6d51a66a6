import { Type } from "typebox";
import { ApiError, type App, isPrivateHost } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Gateway } from "../call/context.ts";
import { healthStates } from "../providers/health.ts";
import type { Provider } from "../providers/provider.ts";
import { localProvider, targetProblem } from "../routing/plan.ts";
import { ProviderGiven, RouteGiven } from "../schemas.ts";

const tags = ["ai"];
const manage = { scope: "ai:manage" } as const;
const Name = Type.Object({ name: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" }) });
const Nothing = { 204: Type.Null() };

const ProviderShown = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  baseUrl: Type.String(),
  key: Type.Union([Type.String({ description: "Where the key is, never the key." }), Type.Null()]),
  free: Type.Boolean(),
  from: Type.Enum(["platform", "organisation"]),
  state: Type.Enum([...healthStates], {
    description: "missing: nobody set its key; refused: it did not take it; unknown: nobody asked it for a week.",
  }),
  said: Type.Union([Type.String({ description: "What it said last, where that was a reason." }), Type.Null()]),
  checkedAt: Type.Union([Type.String({ description: "ISO 8601." }), Type.Null()]),
});
const RouteShown = Type.Object({ name: Type.String(), ...RouteGiven.properties, own: Type.Boolean() });
const PriceGiven = Type.Object(
  {
    model: Type.String({ minLength: 1, maxLength: 200 }),
    since: Type.Optional(Type.String({ format: "date" })),
    input: Type.Number({ minimum: 0, maximum: 1e6, description: "Dollars a million tokens." }),
    output: Type.Number({ minimum: 0, maximum: 1e6 }),
    cached: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6 })),
  },
  { additionalProperties: false },
);

/** Providers, routes and prices of an organisation. */
export function routingRoutes(app: App, gateway: Gateway): void {
  const own = async (organisation: string) => {
    const settings = await gateway.callers.settings.get(organisation);
    if (!settings) throw new Error("An organisation's settings are always an answer.");
    return { organisation, settings };
  };

  app.get(
    "/api/ai/providers",
    {
      auth: { scope: "ai:read" },
      schema: { tags, summary: "Providers", response: { 200: Type.Array(ProviderShown) } },
    },
    async ({ identity: { organisation } }) => {
      const caller = await own(organisation);
      const providers = gateway.planner.providers(caller).filter((one) => one !== localProvider);
      const health = await gateway.health.of(providers, organisation);
      return providers.map((one) => {
        const missing = caller.settings.keyless.has(one.name);
        const { state, said, at } = health.get(one.name) ?? { state: "unknown" as const, said: null, at: null };
        if (missing) return { ...shown(one), state: "missing" as const, said: null, checkedAt: null };
        return { ...shown(one), state, said, checkedAt: at };
      });
    },
  );

  app.put(
    "/api/ai/providers",
    { auth: manage, schema: { tags, summary: "Add or change a provider", body: ProviderGiven, response: Nothing } },
    async ({ identity, body }, reply) => {
      const internal = identity.roles.includes("platform-administrator");
      demandSafe(body, internal);
      await app.database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into provider (name, kind, base_url, secret, free, internal) values ($1, $2, $3, $4, $5, $6)
           on conflict (organisation_id, name) do update set kind = excluded.kind, base_url = excluded.base_url,
             secret = excluded.secret, free = excluded.free, internal = excluded.internal`,
          [body.name, body.kind, body.baseUrl, body.key, body.free ?? isFree(body), internal],
        );
        await record(tx, identity, { action: "provider.set", target: body.name, details: body });
      });
      return reply.code(204).send(null);
    },
  );

  app.put(
    "/api/ai/routes/:name",
    { auth: manage, schema: { tags, summary: "Set a route", params: Name, body: RouteGiven, response: Nothing } },
    async ({ identity, params: { name }, body }, reply) => {
      const providers = gateway.planner.providers(await own(identity.organisation));
      const [problem] = body.targets.flatMap(({ model }) => targetProblem(providers, model) ?? []);
      if (problem) {
        throw new ApiError("INVALID", problem, { hint: "GET /api/ai/models lists what there is.", docs: "ai-gateway" });
      }
      await app.database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into route (name, targets, options) values ($1, $2, $3) on conflict (organisation_id, name)
           do update set targets = excluded.targets, options = excluded.options, changed_at = now()`,
          [name, JSON.stringify(body.targets), JSON.stringify(body.options ?? {})],
        );
        await record(tx, identity, { action: "route.set", target: name, details: body });
      });
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/ai/routes",
    { auth: { scope: "ai:read" }, schema: { tags, summary: "Routes", response: { 200: Type.Array(RouteShown) } } },
    async ({ identity }) => {
      const caller = await own(identity.organisation);
      return [...gateway.planner.routes(caller)].map(([name, route]) => ({
        name,
        ...route,
        own: caller.settings.routes.has(name),
      }));
    },
  );

  for (const kind of ["provider", "route"] as const) {
    app.delete(
      `/api/ai/${kind}s/:name`,
      { auth: manage, schema: { tags, summary: `Take a ${kind} away`, params: Name, response: Nothing } },
      async ({ identity, params: { name } }, reply) => {
        await app.database.withTenant(identity, async (tx) => {
          const { rowCount } = await tx.query(`delete from ${kind} where name = $1`, [name]);
          if (rowCount === 0) throw new ApiError("NOT_FOUND", `The organisation has no ${kind} ${name} of its own.`);
          await record(tx, identity, { action: `${kind}.removed`, target: name });
        });
        return reply.code(204).send(null);
      },
    );
  }

  app.put(
    "/api/ai/prices",
    { auth: manage, schema: { tags, summary: "Set a price", body: PriceGiven, response: Nothing } },
    async ({ identity, body }, reply) => {
      // A dollar for a million tokens is a thousand nano-dollars for one.
      const [input, output, cached] = [body.input, body.output, body.cached].map((price) =>
        price === undefined ? null : Math.round(price * 1000),
      );
      await app.database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into price (model, since, input, output, cached) values ($1, coalesce($2, current_date), $3, $4, $5)
           on conflict (organisation_id, model, since) do update set input = excluded.input, output = excluded.output,
             cached = excluded.cached`,
          [body.model, body.since, input, output, cached],
        );
        await record(tx, identity, { action: "price.set", target: body.model, details: body });
      });
      return reply.code(204).send(null);
    },
  );
}

/** Whoever does not administer the platform reaches public addresses only, and names keys of their own. */
export function demandSafe({ kind, baseUrl, key }: ProviderGiven, internal: boolean): void {
  if (kind === "openai-compatible" && baseUrl === undefined) {
    throw new ApiError("INVALID", "An openai-compatible provider needs its address.");
  }
  if (key !== undefined && !/^(env:)?[A-Z][A-Z0-9_]{0,127}$/.test(key)) {
    throw new ApiError("INVALID", "key is the NAME of a secret, never the key itself.", {
      hint: "`./devflow secrets set NAME` keeps the key; enter its name here.",
    });
  }
  if (baseUrl !== undefined && !URL.canParse(baseUrl)) {
    throw new ApiError("INVALID", "baseUrl is no address.", { hint: "Write it like https://models.example/v1." });
  }
  if (internal || baseUrl === undefined) return;
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === "https:" && !isPrivateHost(hostname)) return;
  throw new ApiError(
    "FORBIDDEN",
    "Only a platform administrator may add a provider in a private network or without TLS.",
  );
}

function isFree({ kind, baseUrl }: ProviderGiven): boolean {
  return kind === "openai-compatible" && baseUrl !== undefined && isPrivateHost(new URL(baseUrl).hostname);
}

function shown({ name, kind, base, key, free, organisation }: Provider) {
  const from = organisation === undefined ? ("platform" as const) : ("organisation" as const);
  return { name, kind, baseUrl: base.href, key: key ?? null, free, from };
}
