import { useState } from "react";
import { ChartFrame, chartWidth, niceTop } from "./chart-frame.tsx";
import { scrollable } from "./scrollable.ts";

/** Milliseconds since 1970, and the value then. */
export type Point = readonly [at: number, value: number];

interface Props {
  title: string;
  points: readonly Point[];
  /** Milliseconds since 1970. */
  start: number;
  end: number;
  /** Milliseconds between points; a longer gap is a gap in the line. */
  step: number;
  shown: (value: number) => string;
}

const height = 120;

/** A line over time with a crosshair for pointer and arrow keys; its numbers stand in a table that unfolds below it. */
export function LineChart({ title, points, start, end, step, shown }: Props) {
  const [at, setAt] = useState<number>();
  const most = Math.max(...points.map(([, value]) => value), 0);
  const top = niceTop(most, [1, 2, 4, 6, 8, 10]) || 1;
  const x = (time: number) => ((time - start) / (end - start)) * chartWidth;
  const y = (value: number) => height - (value / top) * height;
  const point = at === undefined ? points.at(-1) : points[at];
  const move = (by: number) =>
    setAt((before) => Math.min(points.length - 1, Math.max(0, (before ?? points.length - 1) + by)));
  return (
    <ChartFrame
      title={title}
      value={point && `${at === undefined ? "now" : clock(point[0])}: ${shown(point[1])}`}
      label={`${title}: ${point ? `${shown(point[1])} now, at most ${shown(most)}` : "no values"}. The table below has the numbers.`}
      {...{ top, shown, height }}
      ends={[clock(start), clock(end)]}
      cross={at !== undefined && point ? x(point[0]) : undefined}
      onPoint={(share) => setAt(share === undefined ? undefined : nearest(points, start + share * (end - start)))}
      onMove={move}
      after={<Numbers {...{ title, points, shown }} />}
    >
      <path d={pathOf(points, step, x, y)} className="chart-path" />
    </ChartFrame>
  );
}

/** A table that unfolds. */
function Numbers({ title, points, shown }: Pick<Props, "title" | "points" | "shown">) {
  return (
    <details className="chart-table">
      <summary>Numbers</summary>
      <section className="chart-rows" {...scrollable} aria-label={`Numbers of ${title}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">{title}</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map(([time, value]) => (
              <tr key={time}>
                <td>{clock(time)}</td>
                <td>{shown(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** A line without scale, beside the number that it led to; a screen reader has the number. */
export function Sparkline({ points }: { points: readonly Point[] }) {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return null;
  const top = Math.max(...points.map(([, value]) => value)) || 1;
  const d = pathOf(
    points,
    Number.POSITIVE_INFINITY,
    (at) => ((at - first[0]) / (last[0] - first[0])) * 60,
    (value) => 15 - (value / top) * 14,
  );
  return (
    <svg className="sparkline" viewBox="0 0 60 16" width="60" height="16" aria-hidden="true">
      <path d={d} className="chart-path" />
    </svg>
  );
}

function pathOf(points: readonly Point[], step: number, x: (at: number) => number, y: (value: number) => number) {
  return points
    .map(([at, value], index) => {
      const before = points[index - 1];
      const begins = !before || at - before[0] > step * 1.5;
      const alone = begins && (points[index + 1]?.[0] ?? Number.POSITIVE_INFINITY) - at > step * 1.5;
      return `${begins ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}${alone ? "h0" : ""}`;
    })
    .join("");
}

function nearest(points: readonly Point[], at: number): number | undefined {
  if (points.length === 0) return undefined;
  return points.reduce((best, [time], index) => {
    const former = points[best]?.[0] ?? 0;
    return Math.abs(time - at) < Math.abs(former - at) ? index : best;
  }, 0);
}

const time = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" });

function clock(at: number): string {
  return time.format(at);
}
