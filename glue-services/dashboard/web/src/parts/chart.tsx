import { useState } from "react";
import { ChartFrame, chartWidth, niceTop } from "./chart-frame.tsx";

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
  const wide = chartWidth / Math.max(1, bars.length);
  const bar = at === undefined ? undefined : bars[at];
  const move = (by: number) =>
    setAt((before) => Math.min(bars.length - 1, Math.max(0, (before ?? (by > 0 ? -1 : bars.length)) + by)));
  return (
    <ChartFrame
      title={title}
      value={bar ? `${bar.label}: ${shown(bar.value)}` : `most in a day: ${shown(most)}`}
      label={`${title}, ${bars.length} days, at most ${shown(most)}. The table below has the numbers.`}
      {...{ top, shown, height }}
      ends={[bars[0]?.label, bars.at(-1)?.label]}
      cross={at === undefined ? undefined : (at + 0.5) * wide}
      onPoint={(share) =>
        setAt(share === undefined ? undefined : Math.min(bars.length - 1, Math.floor(share * bars.length)))
      }
      onMove={move}
    >
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
    </ChartFrame>
  );
}
