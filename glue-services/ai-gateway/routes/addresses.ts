import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Gateway } from "../call/context.ts";
import { CallError } from "../wire/call-error.ts";
import { countPath } from "./count-tokens.ts";
import { catalogue, type ModelShown } from "./models.ts";

const open = { auth: "public", config: { rateLimit: false }, schema: { hide: true } } as const;
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Which API's words an answer has: its address says it, else the header that Anthropic's clients always send. */
export function apiOf({ url, headers }: FastifyRequest): "openai" | "anthropic" {
  if (/^\/v1(?:\/v1)?\/messages(?:[/?]|$)/.test(url)) return "anthropic";
  return headers["anthropic-version"] !== undefined && !/^\/v1\/(chat|responses|embeddings)/.test(url)
    ? "anthropic"
    : "openai";
}

/** Addresses below `/v1` that ask no model. @param posted those that take a POST */
export function addressRoutes(scope: FastifyInstance, gateway: Gateway, posted: readonly string[]): void {
  scope.addHook("onRequest", allowBrowsers);
  scope.options("/v1/*", open, preflight);
  const { listFor, find } = catalogue(gateway);

  scope.get("/v1/models", open, async (request) => {
    const { data } = await listFor(await gateway.callers.of(request));
    if (apiOf(request) === "openai") return { object: "list", data };
    const models = data.map(anthropicModel);
    return { data: models, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
  });
  scope.get<{ Params: { "*": string } }>("/v1/models/*", open, async (request) => {
    const model = await find(await gateway.callers.of(request), request.params["*"]);
    return apiOf(request) === "openai" ? model : anthropicModel(model);
  });

  const takes = new Map<string, string>(posted.map((path) => [path, "POST"]));
  takes.set(countPath, "POST");
  takes.set("/v1/models", "GET");
  scope.route({
    ...open,
    method: [...methods],
    url: "/v1/*",
    handler: async ({ url, method }, reply) => {
      const path = url.split("?", 1)[0] ?? url;
      const taken = takes.get(path.replace(/(.)\/+$/, "$1"));
      if (taken === undefined || taken === method) {
        throw new CallError(404, "unknown_url", `Nothing answers ${method} ${path}.`, {
          hint: path.startsWith("/v1/v1/")
            ? "The client adds /v1 itself: leave it out of its base URL."
            : "The page AI gateway of the documentation lists the addresses.",
        });
      }
      reply.header("allow", taken);
      throw new CallError(405, "method_not_allowed", `${path} takes ${taken}, not ${method}.`);
    },
  });
  // The others of an address that takes one method alone.
  for (const path of [...posted, countPath]) {
    scope.route({
      ...open,
      method: methods.filter((method) => method !== "POST"),
      url: path,
      handler: async ({ method }, reply) => {
        reply.header("allow", "POST");
        throw new CallError(405, "method_not_allowed", `${path} takes POST, not ${method}.`);
      },
    });
  }
}

function anthropicModel({ id, created }: ModelShown) {
  return { type: "model" as const, id, display_name: id, created_at: new Date(created * 1000).toISOString() };
}

/**
 * Pages of any origin may call with a key of their own: the answer never allows credentials, so a browser sends no
 * cookies along.
 */
function allowBrowsers({ headers }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (headers.origin !== undefined) {
    reply.header("access-control-allow-origin", "*");
    reply.header(
      "access-control-expose-headers",
      "x-devflow-model, x-devflow-cache, x-devflow-counted-by, x-request-id, retry-after",
    );
  }
  done();
}

async function preflight({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply
    .code(204)
    .header("access-control-allow-origin", "*")
    .header("access-control-allow-methods", "GET, POST, OPTIONS")
    .header("access-control-allow-headers", headers["access-control-request-headers"] ?? "authorization, content-type")
    .header("access-control-max-age", "86400")
    .header("vary", "access-control-request-headers")
    .send();
}
