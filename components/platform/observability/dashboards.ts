import { panels } from "./panels.ts";

/** A dashboard as Grafana's JSON model, without the uid it is saved under. */
export interface Dashboard {
  title: string;
  [field: string]: unknown;
}

/** One line of a chart. */
export interface Query {
  /** PromQL. */
  expr: string;
  /** With labels in double braces. */
  legend: string;
}

/** One chart; its unit is Grafana's name of it. */
export interface Panel {
  title: string;
  unit: "short" | "percentunit" | "bytes" | "s" | "reqps" | "ops" | "bool";
  queries: Query[];
}

/** Every dashboard by uid, or those of the products that run: the charts of each, then its logs where they are kept. */
export function dashboards(names: string[] = Object.keys(panels)): Record<string, Dashboard> {
  return Object.fromEntries(
    Object.entries(panels)
      .filter(([name]) => names.includes(name))
      .map(([name, { title, charts }]) => [`devflow-${name}`, dashboard(name, title, charts)]),
  );
}

const [width, height] = [12, 8];

function dashboard(name: string, title: string, charts: Panel[]): Dashboard {
  const rows = Math.ceil(charts.length / 2);
  return {
    title,
    tags: ["devflow"],
    schemaVersion: 41,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [] },
    panels: [...charts.map(chart), logs(name, charts.length + 1, rows * height)],
  };
}

function chart({ title, unit, queries }: Panel, index: number): object {
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource: { type: "prometheus", uid: "metrics" },
    gridPos: { x: (index % 2) * width, y: Math.floor(index / 2) * height, w: width, h: height },
    fieldConfig: { defaults: { unit, min: 0, custom: { showPoints: "never", fillOpacity: 10 } }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queries.map(({ expr, legend }, place) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + place),
      expr,
      legendFormat: legend,
    })),
  };
}

function logs(name: string, id: number, y: number): object {
  return {
    id,
    type: "logs",
    title: "Logs",
    datasource: { type: "loki", uid: "logs" },
    gridPos: { x: 0, y, w: 2 * width, h: 10 },
    options: { showTime: true, sortOrder: "Descending", wrapLogMessage: true, enableLogDetails: true },
    targets: [{ refId: "A", expr: `{devflow_component="${name}"}` }],
  };
}
