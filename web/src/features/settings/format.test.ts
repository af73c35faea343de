import { expect, test } from "vitest";
import { ago, ahead } from "@/lib/ago";
import { device, dollars, duration, latency } from "./format";

test.each([
  [0, "$0"],
  [0.28, "$0.28"],
  [2.5, "$2.50"],
  [10, "$10"],
  [0.075, "$0.075"],
])("%d dollars", (value, text) => expect(dollars(value)).toBe(text));

test("milliseconds and seconds", () => {
  expect(latency(214.4)).toBe("214 ms");
  expect(latency(3400)).toBe("3.4 s");
});

test("durations keep their two largest units", () => {
  expect(duration(93_600, "en")).toBe("1 day 2 hours");
  expect(duration(59, "en")).toBe("59 seconds");
  expect(duration(0.4, "en")).toBe("0 seconds");
  expect(duration(3600, "zh-CN")).toBe("1 小时");
  expect(duration(459, "zh-CN")).toBe("7 分 39 秒");
  expect(duration(420, "zh-CN")).toBe("7 分钟");
});

test("how long ago", () => {
  const now = Date.parse("2026-05-05T12:00:00Z");
  expect(ago("2026-05-05T11:59:30Z", "en", now)).toBe("this minute");
  expect(ago("2026-05-05T09:00:00Z", "en", now)).toBe("3 hours ago");
  expect(ago("2026-05-04T12:00:00Z", "en", now)).toBe("yesterday");
  expect(ago("2026-01-02T12:00:00Z", "en", now)).toBe("Jan 2, 2026");
});

test.each([
  [0.4, "en", "in 1 second"],
  [119, "en", "in 119 seconds"],
  [120, "en", "in 2 minutes"],
  [7_190, "en", "in 120 minutes"],
  [7_200, "zh-CN", "2小时后"],
  [269_840, "en", "in 3 days"],
  [269_840, "zh-CN", "3天后"],
])("%d seconds ahead", (seconds, locale, text) => expect(ahead(seconds, locale)).toBe(text));

test("what a session runs on", () => {
  expect(device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(
    "Firefox · Linux",
  );
  expect(
    device(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    ),
  ).toBe("Safari · iPhone");
  expect(device("curl/8.5.0")).toBe("curl");
  expect(device("")).toBe("?");
});
