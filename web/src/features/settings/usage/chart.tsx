import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef, useState } from "react";
import { type Bar, type Measure, type Period, ticks } from "./periods";
import { axisDay, axisFigure, figure, longDay } from "./words";

const HEIGHT = 220;
const TOP = 8;
const BOTTOM = 24;
const LEFT = 48;

interface ChartProps {
  bars: Bar[];
  period: Period;
  measure: Measure;
  label: string;
}

/** Bars of what was computed in the house, and on top of them of what was computed outside. */
export function Chart({ bars, period, measure, label }: ChartProps) {
  const { i18n, t } = useLingui();
  const [frame, width] = useWidth();
  const marks = ticks(Math.max(...bars.map((bar) => bar.inHouse + bar.outside)));
  const most = marks.at(-1) || 1;
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const room = (width - LEFT) / bars.length;
  const thick = Math.min(48, Math.max(2, room * 0.72));
  // so many days stand under the bars that their words do not touch
  const every = Math.ceil(bars.length / Math.max(1, Math.floor((width - LEFT) / 72)));
  return (
    <div ref={frame} className="chart-frame" style={{ height: HEIGHT }}>
      {width > 0 ? (
        <svg className="chart" width={width} height={HEIGHT} role="img" aria-label={label}>
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
            const parts = `${t`in-house`} ${figure(i18n, bar.inHouse, measure)}, ${t`outside`} ${figure(i18n, bar.outside, measure)}`;
            return (
              <g key={bar.key} className="chart-bar">
                <title>{`${longDay(i18n, bar.key, period)}: ${parts}`}</title>
                <rect
                  className="hit"
                  x={middle - room / 2}
                  y={TOP}
                  width={room}
                  height={HEIGHT - TOP - BOTTOM}
                />
                <rect
                  className="in-house"
                  x={middle - thick / 2}
                  y={y(bar.inHouse)}
                  width={thick}
                  height={y(0) - y(bar.inHouse)}
                />
                <rect
                  className="outside"
                  x={middle - thick / 2}
                  y={y(bar.inHouse + bar.outside)}
                  width={thick}
                  height={y(bar.inHouse) - y(bar.inHouse + bar.outside)}
                />
                {(bars.length - 1 - index) % every === 0 ? (
                  <text x={Math.min(middle, width - 20)} y={HEIGHT - 6} textAnchor="middle">
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
