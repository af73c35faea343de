/** Numbers of the settings pages as people read them. */
import { i18n } from "@lingui/core";
import { fileSize } from "@/lib/format";

/** 9321000000 → "9.3 GB" */
export function bytes(value: number): string {
  return fileSize(i18n, value);
}

/** US dollars per million tokens: "$0.28", "$2.50", "$10". Small prices keep two digits that say something. */
export function dollars(value: number): string {
  if (value === 0 || (Number.isInteger(value) && value >= 10)) return `$${value}`;
  return `$${value >= 0.1 ? value.toFixed(2) : trim(Number(value.toPrecision(2)), 4)}`;
}

/** 214 → "214 ms", 3400 → "3.4 s" */
export function latency(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function trim(value: number, digits = 1): string {
  return String(Number(value.toFixed(digits)));
}

/** Shorter than Intl's 秒钟, and with the space that figures have everywhere else. */
const CHINESE: Record<string, string> = { day: "天", hour: "小时", minute: "分", second: "秒" };

/** 93600 seconds → "1 day, 2 hr", in the two largest units. */
export function duration(seconds: number, locale: string, unitDisplay: "long" | "short" = "long"): string {
  const parts: [Intl.NumberFormatOptions["unit"], number][] = [
    ["day", Math.floor(seconds / 86_400)],
    ["hour", Math.floor((seconds % 86_400) / 3600)],
    ["minute", Math.floor((seconds % 3600) / 60)],
    ["second", Math.floor(seconds % 60)],
  ];
  const first = parts.findIndex(([, amount]) => amount > 0);
  return parts
    .slice(first < 0 ? 3 : first)
    .slice(0, 2)
    .filter(([, amount], index) => amount > 0 || index === 0)
    .map(([unit, amount], _, kept) =>
      locale.startsWith("zh")
        ? `${amount} ${kept.length === 1 && unit === "minute" ? "分钟" : CHINESE[unit ?? "second"]}`
        : new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay }).format(amount),
    )
    .join(" ");
}

const BROWSERS: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** "Firefox · Linux"; what is not known is left out, and a program that is no browser keeps its own name. */
export function device(agent: string): string {
  const find = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(agent))?.[1];
  const known = [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(" · ");
  return known || agent.split(/[ /]/)[0] || "?";
}
