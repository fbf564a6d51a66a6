import { Type } from "typebox";
import type { App } from "../../kit/index.ts";
import { measuresOf } from "../metrics/measured.ts";
import { findPrometheus, type PrometheusPlace, queryRange, type Range } from "../metrics/prometheus.ts";
import { administrator } from "./administrator.ts";

const Point = Type.Tuple([Type.Number({ description: "Seconds since 1970." }), Type.Number()]);
const ranges = { "1h": 3600, "6h": 21_600, "1d": 86_400, "7d": 604_800 } as const;
const RangeName = Type.Enum(Object.keys(ranges) as (keyof typeof ranges)[], { default: "1h" });

export const MetricsShown = Type.Object({
  there: Type.Boolean({ description: "Whether this stack runs a Prometheus." }),
  step: Type.Number({ description: "Seconds between points." }),
  start: Type.Number(),
  end: Type.Number(),
  charts: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      unit: Type.Enum(["percent", "bytes", "per-second", "seconds"]),
      points: Type.Array(Point),
    }),
  ),
});
const Sparks = Type.Object({
  there: Type.Boolean(),
  memory: Type.Record(Type.String(), Type.Array(Point), { description: "Resident bytes of each component, an hour." }),
});

/** Points that a chart, and a line in a table, is drawn of. */
const points = { chart: 120, spark: 30 };
/** Prometheus asks every 15 s; a rate needs a few of its answers. */
const least = 60;

/** What Prometheus measured of components, where the stack runs one. */
export function metricsRoutes(app: App, place: PrometheusPlace): void {
  const tags = ["platform"];
  app.get(
    "/api/platform/components/:component/metrics",
    {
      auth: administrator,
      schema: {
        tags,
        summary: "What a component used and answered over time",
        params: Type.Object({ component: Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" }) }),
        querystring: Type.Object({ range: RangeName }),
        response: { 200: MetricsShown },
      },
    },
    async ({ params: { component }, query }) => {
      const range = until(ranges[query.range], points.chart);
      const url = await findPrometheus(place);
      if (!url) return { there: false, ...range, charts: [] };
      const window = `${Math.max(least, range.step)}s`;
      const charts = await Promise.all(
        measuresOf(component).map(async ({ id, title, unit, expr }) => {
          const query = expr.replaceAll("$job", component).replaceAll("$window", window);
          return { id, title, unit, points: (await queryRange(url, query, range))[0]?.points ?? [] };
        }),
      );
      return { there: true, ...range, charts };
    },
  );
  app.get(
    "/api/platform/metrics/memory",
    { auth: administrator, schema: { tags, summary: "Memory of every component", response: { 200: Sparks } } },
    async () => {
      const url = await findPrometheus(place);
      if (!url) return { there: false, memory: {} };
      const found = await queryRange(url, "devflow_component_memory_bytes", until(ranges["1h"], points.spark));
      return {
        there: true,
        memory: Object.fromEntries(found.map(({ labels, points }) => [labels.component ?? "", points])),
      };
    },
  );
}

/** The last seconds, at whole steps, so that a question that is asked again gets the same points. */
function until(seconds: number, count: number): Range {
  const step = Math.ceil(seconds / count);
  const end = Math.ceil(Date.now() / 1000 / step) * step;
  return { start: end - seconds, end, step };
}
