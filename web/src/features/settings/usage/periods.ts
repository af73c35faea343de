/** The days of a period and the bars of its chart. Days are UTC, as the server counts them. */

import type { UsageRow } from "@/api/types";
import type { Span } from "@/api/usage";

export const PERIODS = ["week", "month", "year"] as const;
export type Period = (typeof PERIODS)[number];

const DAY = 86_400_000;

/** The last 7 days, the last 30, or this month and the eleven before it. */
export function spanOf(period: Period, now: number): Span {
  const today = new Date(now);
  if (period === "year") {
    return { from: day(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 11, 1)), to: day(now) };
  }
  return { from: day(now - (period === "week" ? 6 : 29) * DAY), to: day(now) };
}

export interface Bar {
  /** The day, or the first of the month. */
  key: string;
  inHouse: number;
  outside: number;
}

export const MEASURES = ["tokens", "calls", "cost"] as const;
export type Measure = (typeof MEASURES)[number];

/** One bar for each day, or for each month of a year; a day without a call has an empty one. */
export function barsOf(rows: UsageRow[], span: Span, period: Period, measure: Measure): Bar[] {
  const bars = new Map<string, Bar>();
  const end = Date.parse(span.to);
  for (let at = Date.parse(span.from); at <= end; at += DAY) {
    const key = bucket(day(at), period);
    if (!bars.has(key)) bars.set(key, { key, inHouse: 0, outside: 0 });
  }
  for (const row of rows) {
    const bar = bars.get(bucket(row.key, period));
    if (!bar) continue;
    const [inHouse, outside] = parts(row, measure);
    bar.inHouse += inHouse;
    bar.outside += outside;
  }
  return [...bars.values()];
}

/** In-house models cost nothing, so all cost is outside. */
function parts(row: UsageRow, measure: Measure): [number, number] {
  if (measure === "cost") return [0, row.cost_usd];
  if (measure === "calls") return [row.in_house_calls, row.calls - row.in_house_calls];
  return [row.in_house_tokens, row.outside_tokens];
}

/** 0 and up to four round numbers, the last at or above `most`. */
export function ticks(most: number): number[] {
  if (most <= 0) return [0];
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => index * step);
}

function bucket(key: string, period: Period): string {
  return period === "year" ? `${key.slice(0, 7)}-01` : key;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
