import { Type } from "typebox";
import { ApiError, readJson } from "../../kit/index.ts";
import { readProcesses } from "../status/supervisor.ts";

/** Milliseconds that Prometheus gets. */
const patience = 5000;

export interface Range {
  /** Seconds since 1970. */
  start: number;
  end: number;
  /** Seconds between points. */
  step: number;
}

/** One line over time: its labels, and [seconds since 1970, value] where there is a value. */
export interface Series {
  labels: Record<string, string>;
  points: [number, number][];
}

/** Where this stack's Prometheus is to be looked for. */
export interface PrometheusPlace {
  /** Its address, where the stack declares it: on Docker and Kubernetes. */
  prometheus?: string | undefined;
  /** Socket of the supervisor that runs it: on one's own machine. */
  supervisor: string | undefined;
}

/** Address of the stack's Prometheus; undefined when this stack runs none. */
export async function findPrometheus({ prometheus, supervisor }: PrometheusPlace): Promise<string | undefined> {
  if (prometheus !== undefined) return prometheus;
  const processes = await readProcesses(supervisor).catch(() => []);
  const port = processes.find(({ component }) => component === "metrics")?.ports[0];
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

/** @throws ApiError UNAVAILABLE when Prometheus does not answer, or refuses the question */
export async function queryRange(url: string, query: string, { start, end, step }: Range): Promise<Series[]> {
  const address = new URL(`${url}/api/v1/query_range`);
  address.search = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${step}` }).toString();
  let text: string;
  try {
    const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(patience) });
    text = await response.text();
  } catch (cause) {
    throw new ApiError("UNAVAILABLE", "Prometheus does not answer.", { hint: "`./devflow status metrics`", cause });
  }
  const found = readJson(Found, text);
  if (!found) {
    const { error = "without a reason" } = readJson(Refused, text) ?? {};
    throw new ApiError("UNAVAILABLE", `Prometheus refused the question: ${error}.`);
  }
  return found.data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values
      .map(([at, value]): [number, number] => [at, Number(value)])
      .filter(([, value]) => Number.isFinite(value)),
  }));
}

/** Source: Prometheus' HTTP API, "Range queries", result type matrix. */
const Found = Type.Object({
  status: Type.Literal("success"),
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        values: Type.Array(Type.Tuple([Type.Number(), Type.String()])),
      }),
    ),
  }),
});
const Refused = Type.Object({ error: Type.String() });
