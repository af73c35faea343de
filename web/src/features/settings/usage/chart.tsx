import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef, useState } from "react";
import { type Measure, type Period, ticks } from "./periods";
import { axisDay, axisFigure, figure, longDay } from "./words";

const TOP = 8;
const BOTTOM = 24;
const LEFT = 48;

export interface Part {
  name: string;
  className: string;
}

interface ChartProps {
  /** What each bar is made of, from the bottom up; a value for each part. */
  parts: Part[];
  bars: { key: string; values: number[] }[];
  period: Period;
  measure: Measure;
  label: string;
  height?: number;
}

/** Bars of parts that stand on each other. */
export function Chart({ parts, bars, period, measure, label, height = 220 }: ChartProps) {
  const { i18n } = useLingui();
  const [frame, width] = useWidth();
  const marks = ticks(Math.max(...bars.map((bar) => sum(bar.values))));
  const most = marks.at(-1) || 1;
  const y = (value: number) => TOP + (height - TOP - BOTTOM) * (1 - value / most);
  const room = (width - LEFT) / bars.length;
  const thick = Math.min(48, Math.max(2, room * 0.72));
  // so many days stand under the bars that their words do not touch
  const every = Math.ceil(bars.length / Math.max(1, Math.floor((width - LEFT) / 72)));
  return (
    <div ref={frame} className="chart-frame" style={{ height }}>
      {width > 0 ? (
        <svg className="chart" width={width} height={height} role="img" aria-label={label}>
          {marks.map((mark) => (
            <g key={mark}>
              <line className="grid" x1={LEFT} x2={width} y1={y(mark)} y2={y(mark)} />
              <text x={LEFT - 8} y={y(mark) + 4} textAnchor="end">
                {axisFigure(i18n, mark, measure)}
              </text>
            </g>
          ))}
          {bars.map((bar, index) => {
            const middle = LEFT + room * (index + 0.5);
            const told = parts.map(
              ({ name }, place) => `${name} ${figure(i18n, bar.values[place] ?? 0, measure)}`,
            );
            return (
              <g key={bar.key} className="chart-bar">
                <title>{`${longDay(i18n, bar.key, period)}: ${told.join(", ")}`}</title>
                <rect
                  className="hit"
                  x={middle - room / 2}
                  y={TOP}
                  width={room}
                  height={height - TOP - BOTTOM}
                />
                {parts.map(({ className }, place) => {
                  const under = sum(bar.values.slice(0, place));
                  const top = y(under + (bar.values[place] ?? 0));
                  return (
                    <rect
                      key={className}
                      className={className}
                      x={middle - thick / 2}
                      y={top}
                      width={thick}
                      height={y(under) - top}
                    />
                  );
                })}
                {(bars.length - 1 - index) % every === 0 ? (
                  <text x={Math.min(middle, width - 20)} y={height - 6} textAnchor="middle">
                    {axisDay(i18n, bar.key, period)}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      ) : null}
    </div>
  );
}

const sum = (values: number[]) => values.reduce((whole, value) => whole + value, 0);

/** The width of an element in pixels, so that letters in a drawing keep their size on a phone. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
