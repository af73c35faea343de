import { expect, it } from "vitest";
import { dayGroup, groupByDay } from "./days";

const now = new Date(2026, 2, 15, 9, 30);
const at = (...parts: [number, number, number, number?]) =>
  new Date(parts[0], parts[1] - 1, parts[2], parts[3] ?? 12).toISOString();

it("names days as one would", () => {
  expect(dayGroup(at(2026, 3, 15, 0), now)).toBe("today");
  expect(dayGroup(at(2026, 3, 14, 23), now)).toBe("yesterday");
  expect(dayGroup(at(2026, 3, 8), now)).toBe("week");
  expect(dayGroup(at(2026, 3, 7), now)).toBe("month");
  expect(dayGroup(at(2025, 12, 31), now)).toBe("2025-12");
  expect(dayGroup(at(2026, 3, 16), now)).toBe("today"); // a clock that is ahead
});

it("groups runs and keeps the order", () => {
  const list = [at(2026, 3, 15), at(2026, 3, 15, 1), at(2026, 3, 14), at(2026, 1, 2)];
  expect(groupByDay(list, (item) => item, now).map(({ group, items }) => [group, items.length])).toEqual([
    ["today", 2],
    ["yesterday", 1],
    ["2026-1", 1],
  ]);
});
