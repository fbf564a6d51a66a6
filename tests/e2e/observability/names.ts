import { parse } from "yaml";
import { alertRules } from "../../../components/platform/alerts.ts";
import { dashboards } from "../../../components/platform/observability/dashboards.ts";
import { componentNames } from "../../../stacks/config/index.ts";

const watched = { copies: ["code"], archived: true, volumes: true, jobs: ["metrics"] };

/** Every query of every dashboard and alert. */
export function queries(): string[] {
  const charts = Object.values(dashboards()).flatMap(({ panels }) =>
    (panels as { type: string; targets: { expr: string }[] }[])
      .filter(({ type }) => type === "timeseries")
      .flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  );
  const rules = parse(alertRules(componentNames, watched)).groups[0].rules as {
    expr: string;
  }[];
  return [...new Set([...charts, ...rules.map(({ expr }) => expr)])];
}

/** What a query asks for, as Prometheus itself reads it. */
export async function metricsOf(prometheus: string, query: string): Promise<{ name: string; labels: string[] }[]> {
  const answer = await fetch(`${prometheus}/api/v1/parse_query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: unknown };
  return selectors(data);
}

interface Selector {
  type?: unknown;
  name?: string;
  matchers?: { name: string }[];
}

function selectors(node: unknown): { name: string; labels: string[] }[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, name = "", matchers = [] } = node as Selector;
  const own =
    type === "vectorSelector" || type === "matrixSelector"
      ? [{ name, labels: matchers.map(({ name }) => name).filter((label) => label !== "__name__") }]
      : [];
  return [...own, ...Object.values(node).flatMap(selectors)];
}

/** Measurements of programs that are container images only, or not built here: their names are upstream's documentation's. */
export const elsewhere =
  /^(loki|tempo|envoy|pgrst|imgproxy|content_proton|queries_rate|query_latency|httpcheck|postgresql)_?|^ALERTS$/;
