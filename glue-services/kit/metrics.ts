import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { ApiError } from "./api-error.ts";

/**
 * Where Prometheus reads the metrics. The reverse proxy must not route `/internal`; should it ever do so, a request
 * that came through a proxy is still answered with 404.
 */
export const metricsPath = "/internal/metrics";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Adds `app.metrics`, a registry for the services' own metrics, measures every request, and serves it all. */
export function measure(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the first byte of a request to the last of its answer.",
    // The route's pattern, never the address: an address would make a new series for every id.
    labelNames: ["method", "route", "status"],
    buckets: seconds,
    registers: [registry],
  });

  app.decorate("metrics", registry);
  // Looking a series up by its labels costs more than all else here, and there are few of them.
  const series = new Map<string, Histogram.Internal<string>>();
  app.addHook("onResponse", (request, reply, done) => {
    const { url: route = "none" } = request.routeOptions;
    const key = `${request.method} ${reply.statusCode} ${route}`;
    const one = series.get(key) ?? duration.labels(request.method, route, String(reply.statusCode));
    series.set(key, one);
    one.observe(reply.elapsedTime / 1000);
    done();
  });
  app.get(
    metricsPath,
    { auth: "public", config: { quiet: true, rateLimit: false }, schema: { hide: true } },
    async (request, reply) => {
      const { forwarded, via, "x-forwarded-for": forwardedFor } = request.headers;
      if (forwarded || via || forwardedFor) throw new ApiError("NOT_FOUND", `Nothing answers GET ${metricsPath}.`);
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}

declare module "fastify" {
  interface FastifyInstance {
    /** Prometheus registry; register counters and histograms here. */
    metrics: Registry;
  }
}
