import type { ReactNode } from "react";
import { scrollable } from "./scrollable.ts";

export interface ChartFrameProps {
  title: string;
  /** What the crosshair is at, or stands for all of it. */
  value: ReactNode;
  /** The chart in a sentence, for those who do not see it. */
  label: string;
  /** Value at its top edge; see `niceTop`. */
  top: number;
  shown: (value: number) => string;
  /** Words at the two ends of the time. */
  ends: readonly [ReactNode, ReactNode];
  height: number;
  /** Where the crosshair is, from 0 to `chartWidth`; undefined: there is none. */
  cross: number | undefined;
  /** The pointer is at this part of the width, 0 to 1; undefined: it left. */
  onPoint: (share: number | undefined) => void;
  /** An arrow key moves the crosshair. */
  onMove: (by: 1 | -1) => void;
  /** What is drawn, in a box of `chartWidth` by `height`. */
  children: ReactNode;
  /** Below it. */
  after?: ReactNode;
}

export const chartWidth = 1000;

/** What all charts over time have: title, scale, lines, a crosshair for pointer and arrow keys, and the ends of the time. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, value, label, top, shown, ends, height, cross, onPoint, onMove, children, after } = props;
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <span className="chart-value" role="status">
          {value}
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
          aria-label={label}
          {...scrollable}
          onPointerMove={({ currentTarget, clientX }) => {
            const box = currentTarget.getBoundingClientRect();
            onPoint((clientX - box.left) / box.width);
          }}
          onPointerLeave={() => onPoint(undefined)}
          onBlur={() => onPoint(undefined)}
          onKeyDown={({ key }) => {
            if (key === "ArrowRight") onMove(1);
            if (key === "ArrowLeft") onMove(-1);
          }}
        >
          <svg
            viewBox={`0 0 ${chartWidth} ${height}`}
            preserveAspectRatio="none"
            height={height}
            width="100%"
            aria-hidden="true"
          >
            {[0, height / 2].map((line) => (
              <line key={line} x1="0" x2={chartWidth} y1={line + 0.5} y2={line + 0.5} className="chart-line" />
            ))}
            {children}
            {cross !== undefined && <line x1={cross} x2={cross} y1="0" y2={height} className="chart-cross" />}
          </svg>
        </div>
      </div>
      <div className="chart-ends quiet" aria-hidden="true">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </div>
      {after}
    </figure>
  );
}

/** The next of 2, 4, 6, 8, 10, … (or 1) above: its half reads well too. */
export function niceTop(most: number, steps: readonly number[] = [2, 4, 6, 8, 10]): number {
  if (most <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(most));
  return (steps.find((step) => step * power >= most) ?? 10) * power;
}
