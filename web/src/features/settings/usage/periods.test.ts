import { expect, test } from "vitest";
import type { UsageRow } from "@/api/types";
import { barsOf, spanOf, ticks } from "./periods";

const NOW = Date.parse("2026-03-02T23:30:00Z");
const row = (key: string, more: Partial<UsageRow>): UsageRow => ({
  key,
  name: null,
  calls: 3,
  failed_calls: 0,
  estimated_calls: 0,
  unpriced_calls: 0,
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
  in_house_calls: 1,
  in_house_tokens: 10,
  outside_tokens: 20,
  ...more,
});

test("a period ends today and holds as many days as it says", () => {
  expect(spanOf("week", NOW)).toEqual({ from: "2026-02-24", to: "2026-03-02" });
  expect(spanOf("month", NOW)).toEqual({ from: "2026-02-01", to: "2026-03-02" });
  expect(spanOf("year", NOW)).toEqual({ from: "2025-04-01", to: "2026-03-02" });
});

test("every day has a bar, also one without a call", () => {
  const bars = barsOf([row("2026-02-26", {})], spanOf("week", NOW), "week", "tokens");
  expect(bars).toHaveLength(7);
  expect(bars[2]).toEqual({ key: "2026-02-26", inHouse: 10, outside: 20 });
  expect(bars[3]).toEqual({ key: "2026-02-27", inHouse: 0, outside: 0 });
});

test("a year has a bar a month", () => {
  const rows = [row("2026-02-26", {}), row("2026-02-01", {}), row("2025-04-01", {})];
  const bars = barsOf(rows, spanOf("year", NOW), "year", "calls");
  expect(bars.map((bar) => bar.key)[0]).toBe("2025-04-01");
  expect(bars).toHaveLength(12);
  expect(bars[10]).toEqual({ key: "2026-02-01", inHouse: 2, outside: 4 });
});

test("only what was computed outside costs something", () => {
  const [bar] = barsOf([row("2026-02-24", { cost_usd: 1.5 })], spanOf("week", NOW), "week", "cost");
  expect(bar).toEqual({ key: "2026-02-24", inHouse: 0, outside: 1.5 });
});

test.each([
  [0, [0]],
  [1, [0, 0.5, 1]],
  [1500, [0, 500, 1000, 1500]],
  [1700, [0, 1000, 2000]],
  [0.003, [0, 0.001, 0.002, 0.003]],
])("round ticks up to %d", (most, expected) => {
  const found = ticks(most);
  expect(found).toHaveLength(expected.length);
  found.forEach((tick, index) => {
    expect(tick).toBeCloseTo(expected[index] ?? Number.NaN, 9);
  });
});
