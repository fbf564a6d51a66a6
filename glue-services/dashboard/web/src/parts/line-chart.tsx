import { useState } from "react";
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

const size = { width: 1000, height: 120 };

/** A line over time with a crosshair for pointer and arrow keys; its numbers stand in a table that unfolds below it. */
export function LineChart({ title, points, start, end, step, shown }: Props) {
  const [at, setAt] = useState<number>();
  const top = niceTop(Math.max(...points.map(([, value]) => value), 0));
  const x = (time: number) => ((time - start) / (end - start)) * size.width;
  const y = (value: number) => size.height - (value / top) * size.height;
  const point = at === undefined ? points.at(-1) : points[at];
  const move = (by: number) =>
    setAt((before) => Math.min(points.length - 1, Math.max(0, (before ?? points.length - 1) + by)));
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <span className="chart-value" role="status">
          {point && `${at === undefined ? "now" : clock(point[0])}: ${shown(point[1])}`}
        </span>
      </figcaption>
      <div className="chart-body">
        <div className="chart-scale" aria-hidden="true">
          <span>{shown(top)}</span>
          <span>{shown(top / 2)}</span>
          <span>{shown(0)}</span>
        </div>
        <div
          className="chart-area"
          role="img"
          aria-label={`${title}: ${point ? `${shown(point[1])} now, at most ${shown(Math.max(...points.map(([, value]) => value)))}` : "no values"}. The table below has the numbers.`}
          {...scrollable}
          onPointerMove={({ currentTarget, clientX }) => {
            const box = currentTarget.getBoundingClientRect();
            setAt(nearest(points, start + ((clientX - box.left) / box.width) * (end - start)));
          }}
          onPointerLeave={() => setAt(undefined)}
          onBlur={() => setAt(undefined)}
          onKeyDown={({ key }) => {
            if (key === "ArrowRight") move(1);
            if (key === "ArrowLeft") move(-1);
          }}
        >
          <svg
            viewBox={`0 0 ${size.width} ${size.height}`}
            preserveAspectRatio="none"
            height={size.height}
            width="100%"
            aria-hidden="true"
          >
            {[0, size.height / 2].map((line) => (
              <line key={line} x1="0" x2={size.width} y1={line + 0.5} y2={line + 0.5} className="chart-line" />
            ))}
            <path d={pathOf(points, step, x, y)} className="chart-path" />
            {at !== undefined && point && (
              <line x1={x(point[0])} x2={x(point[0])} y1="0" y2={size.height} className="chart-cross" />
            )}
          </svg>
        </div>
      </div>
      <div className="chart-ends quiet" aria-hidden="true">
        <span>{clock(start)}</span>
        <span>{clock(end)}</span>
      </div>
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
    </figure>
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

/** The next of 1, 2, 4, 6, 8, 10, … above: its half reads well too. */
function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}
