/** One figure of a copy, as Prometheus will have it. */
export interface Figure {
  name: string;
  unit: string;
  value: number;
  attributes: Record<string, string>;
}

/** What became of a copy. */
export interface Outcome {
  copy: string;
  /** Milliseconds since 1970 of the newest whole copy; undefined: there is none. */
  finished: number | undefined;
  bytes: number | undefined;
  /** Whether the last try failed. */
  failed: boolean;
}

export function figuresOf(outcomes: readonly Outcome[]): Figure[] {
  return outcomes.flatMap(({ copy, finished, bytes, failed }) => [
    { name: "devflow_backup_failed", unit: "", value: failed ? 1 : 0, attributes: { copy } },
    ...(finished === undefined
      ? []
      : [{ name: "devflow_backup_finished_seconds", unit: "", value: finished / 1000, attributes: { copy } }]),
    ...(bytes === undefined ? [] : [{ name: "devflow_backup_bytes", unit: "", value: bytes, attributes: { copy } }]),
  ]);
}

/**
 * Tells figures to Prometheus' receiver of OTLP, as JSON.
 * @throws Error when it does not take them
 */
export async function report(url: string, stack: string, figures: readonly Figure[], now: Date): Promise<void> {
  const time = `${now.getTime()}000000`;
  const metrics = figures.map(({ name, unit, value, attributes }) => ({
    ...{ name, unit },
    gauge: { dataPoints: [{ timeUnixNano: time, asDouble: value, attributes: list(attributes) }] },
  }));
  const resource = { attributes: list({ "service.name": "backups", "service.instance.id": stack }) };
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "devflow.backups" }, metrics }] }] };
  const answer = await fetch(`${url}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok) throw new Error(`${url} does not take measurements: HTTP ${answer.status} ${await answer.text()}`);
}

function list(attributes: Record<string, string>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));
}
