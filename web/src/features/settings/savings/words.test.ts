import { setupI18n } from "@lingui/core";
import { expect, test } from "vitest";
import type { SavedRow } from "@/api/types";
import { daysOf, duration, percent, signed } from "./words";

const i18n = setupI18n({ locale: "en", messages: { en: {} } });

test("a loss is told as one", () => {
  expect(signed(i18n, -12.5)).toBe("−$12.50");
  expect(signed(i18n, 0)).toBe("$0.00");
  expect(percent(i18n, -0.125, 1)).toBe("−12.5%");
  expect(percent(i18n, -0.0001)).toBe("0%");
  expect(percent(i18n, null)).toBe("–");
  expect([0.9985, 0.9999, 1].map((share) => percent(i18n, share))).toEqual(["99.9%", "99.9%", "100%"]);
});

test("times are short", () => {
  expect([0.2, 340.4, 2440, 12_340].map((ms) => duration(i18n, ms))).toEqual([
    "1 ms",
    "340 ms",
    "2.4 s",
    "12 s",
  ]);
});

test("every day has a bar, and none goes below nothing", () => {
  const row = {
    spent_usd: 3,
    not_compared_usd: 1,
    house_usd: 0.5,
    routing_usd: -1,
    cache_usd: 2,
    compaction_usd: 0.25,
  };
  const bars = daysOf([{ ...row, key: "2026-09-02" } as SavedRow], { from: "2026-09-01", to: "2026-09-03" });
  expect(bars).toEqual([
    { key: "2026-09-01", values: [0, 0, 0, 0] },
    { key: "2026-09-02", values: [2.5, 0, 2, 0.25] },
    { key: "2026-09-03", values: [0, 0, 0, 0] },
  ]);
});
