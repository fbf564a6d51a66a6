import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import { bytes } from "../../../../../platform/pages/units.ts";
import type { MetricsShown } from "../../../../../platform/routes/metrics.ts";
import { call } from "../../api/call.ts";
import { useAddress } from "../../parts/address.ts";
import { Answer, Empty, Lines } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { LineChart } from "../../parts/line-chart.tsx";

type Metrics = Static<typeof MetricsShown>;
type Unit = Metrics["charts"][number]["unit"];

const ranges = ["1h", "6h", "1d", "7d"] as const;
const words = { "1h": "Hour", "6h": "6 hours", "1d": "Day", "7d": "Week" };

const metricsQuery = (component: string, range: string) =>
  queryOptions({
    queryKey: ["metrics", component, range],
    queryFn: ({ signal }) =>
      call<Metrics>(`/api/platform/components/${encodeURIComponent(component)}/metrics?range=${range}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

/** What a component used and answered over time, from the stack's own Prometheus. */
export function Metrics({ component }: { component: string }) {
  const [wanted, setWanted] = useAddress("range");
  const range = ranges.find((one) => one === wanted) ?? ranges[0];
  const metrics = useQuery(metricsQuery(component, range));
  return (
    <Answer query={metrics} skeleton={<Lines count={4} height={160} />}>
      {(data) =>
        data.there ? (
          <div className="stack">
            <SegmentedControl
              size="xs"
              className="metrics-range"
              aria-label="Range"
              value={range}
              onChange={(next) => setWanted(next === ranges[0] ? undefined : next)}
              data={ranges.map((one) => ({ value: one, label: words[one] }))}
            />
            <div className="metrics">
              {data.charts.map(({ id, title, unit, points }) =>
                points.length === 0 ? (
                  <p key={id} className="quiet">
                    {title}: nothing was measured in this time.
                  </p>
                ) : (
                  <LineChart
                    key={id}
                    title={title}
                    points={points.map(([at, value]) => [at * 1000, value] as const)}
                    start={data.start * 1000}
                    end={data.end * 1000}
                    step={data.step * 1000}
                    shown={shown[unit]}
                  />
                ),
              )}
            </div>
            {data.charts.length === 2 && (
              <p className="quiet">{component} does not count its requests, so there is nothing to draw of them.</p>
            )}
          </div>
        ) : (
          <Empty
            title="This stack runs no Prometheus"
            action={<Command>./devflow up --set components.metrics=true</Command>}
          >
            With the component metrics, CPU, memory, requests, errors and latency are measured and shown here over time.
          </Empty>
        )
      }
    </Answer>
  );
}

const shown: Record<Unit, (value: number) => string> = {
  percent: (value) => `${value.toFixed(1)} %`,
  bytes,
  "per-second": (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} / s`,
  seconds: (value) => (value < 1 ? `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} ms` : `${value.toFixed(2)} s`),
};
