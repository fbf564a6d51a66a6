import { useState } from "react";
import { scrollable } from "./scrollable.ts";

export interface Bar {
  label: string;
  value: number;
}

/**
 * Bars over time with a crosshair that says the value under the pointer or the arrow keys. The numbers themselves stand in
 * a table beside it, so to a screen reader it is one picture with a sentence.
 */
export function BarChart({
  title,
  bars,
  shown,
  height = 160,
}: {
  title: string;
  bars: readonly Bar[];
  shown: (value: number) => string;
  height?: number;
}) {
  const [at, setAt] = useState<number>();
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const top = niceTop(most);
  const wide = 1000 / Math.max(1, bars.length);
  const bar = at === undefined ? undefined : bars[at];
  const move = (by: number) =>
    setAt((before) => Math.min(bars.length - 1, Math.max(0, (before ?? (by > 0 ? -1 : bars.length)) + by)));
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <span className="chart-value" role="status">
          {bar ? `${bar.label}: ${shown(bar.value)}` : `most in a day: ${shown(most)}`}
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
          aria-label={`${title}, ${bars.length} days, at most ${shown(most)}. The table below has the numbers.`}
          {...scrollable}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            setAt(Math.min(bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * bars.length)));
          }}
          onPointerLeave={() => setAt(undefined)}
          onBlur={() => setAt(undefined)}
          onKeyDown={({ key }) => {
            if (key === "ArrowRight") move(1);
            if (key === "ArrowLeft") move(-1);
          }}
        >
          <svg
            viewBox={`0 0 1000 ${height}`}
            preserveAspectRatio="none"
            height={height}
            width="100%"
            aria-hidden="true"
          >
            {[0.5, 1].map((line) => (
              <line
                key={line}
                x1="0"
                x2="1000"
                y1={height * (1 - line) + 0.5}
                y2={height * (1 - line) + 0.5}
                className="chart-line"
              />
            ))}
            {bars.map(({ label, value }, index) => {
              const tall = top === 0 ? 0 : (value / top) * height;
              return (
                <rect
                  key={label}
                  x={index * wide + wide * 0.15}
                  width={wide * 0.7}
                  y={height - tall}
                  height={tall}
                  className={index === at ? "chart-bar chart-at" : "chart-bar"}
                />
              );
            })}
            {at !== undefined && (
              <line x1={(at + 0.5) * wide} x2={(at + 0.5) * wide} y1="0" y2={height} className="chart-cross" />
            )}
          </svg>
        </div>
      </div>
      <div className="chart-ends quiet" aria-hidden="true">
        <span>{bars[0]?.label}</span>
        <span>{bars.at(-1)?.label}</span>
      </div>
    </figure>
  );
}

/** The next of 2, 4, 6, 8, 10, … above: its half is a round number too. */
function niceTop(most: number): number {
  if (most <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([2, 4, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}
